/* Proposes a short name while the name is typed, until somebody writes their own. The server makes the same proposal
   for an empty field, so the page works without this script. */

export function slug_of(name) {
  return name
    .normalize("NFKD")
    .replace(/\P{ASCII}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replace(/^-+|-+$/g, "");
}

if (typeof document !== "undefined") {
  for (const field of document.querySelectorAll("[data-slug-of]")) {
    const name = document.getElementById(field.dataset.slugOf);
    let own = field.value !== "" && field.value !== slug_of(name.value);
    field.addEventListener("input", () => {
      own = field.value !== "";
    });
    name.addEventListener("input", () => {
      if (!own) field.value = slug_of(name.value);
    });
  }
}
