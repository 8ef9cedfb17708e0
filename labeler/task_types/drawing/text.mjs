/* Puts values into the words of the page: "Box {number}" → "Box 2". */

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}
