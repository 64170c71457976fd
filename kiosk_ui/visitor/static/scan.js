// A scanner types (keyboard wedge): an agent's or a booking's code is caught wherever the visitor is, before the number pad takes its
// digits. What is typed into a field is left to the field.
(() => {
  const BEGINS = ["AC1.", "BK1."], LEAST = 4, PAUSE_MS = 1000;
  const WIDE = { "．": ".", "。": ".", "－": "-" };
  let text = "", at = 0;
  const goesOn = (typed) => typed.length <= 160 && BEGINS.some((b) => b.startsWith(typed) || typed.startsWith(b));
  window.addEventListener("keydown", (e) => {
    if (/INPUT|TEXTAREA/.test(e.target.tagName || "") || e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.key.length > 1 && e.key !== "Enter") return;
    const now = performance.now();
    if (now - at > PAUSE_MS) text = "";
    at = now;
    if (e.key === "Enter" && text.length > LEAST) {
      emitEvent("kiosk_code", text); text = "";
    } else if (e.key.length === 1 && goesOn(text + (WIDE[e.key] || e.key.toUpperCase()))) {
      text += WIDE[e.key] || e.key.toUpperCase();
    } else { text = ""; return; }
    e.preventDefault(); e.stopImmediatePropagation();
  }, true);
})();
