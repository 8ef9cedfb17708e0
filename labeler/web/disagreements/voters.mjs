/* Disagreements: arrows choose an annotator, Enter takes that answer. The focus is the choice, so Enter is the
   browser's own. */

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export function mount_voters() {
  const buttons = [...document.querySelectorAll("[data-part=voters] [data-does=take_vote]")];

  return {
    /* Whether this key chose an annotator. */
    key(event) {
      if (!buttons.length || !(event.key in STEPS)) return false;
      const mirrored = document.documentElement.dir === "rtl" ? -1 : 1;
      const at = buttons.indexOf(document.activeElement);
      const to = at < 0 ? (STEPS[event.key] > 0 ? 0 : buttons.length - 1) : at + STEPS[event.key] * mirrored;
      buttons[(to + buttons.length) % buttons.length].focus();
      return true;
    },
  };
}
