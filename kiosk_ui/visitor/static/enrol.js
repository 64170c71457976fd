// The enrolment stage: picture and hints come from the camera beside this kiosk, straight to its own browser.
window.kioskEnrol = (() => {
  const LOOK_MS = 300;
  let base = "", timer = 0, run = 0;
  const stage = () => document.getElementById("k-enrol");
  const words = () => JSON.parse(stage().dataset.words);
  const say = (text) => { const el = stage().querySelector(".k-hint"); if (el.textContent !== text) el.textContent = text; };

  const ring = (shots, of) => {
    const svg = stage().querySelector("svg"), step = 360 / of, gap = of > 1 ? 8 : 0.01, radius = 47;
    const at = (degrees) => { const a = (degrees - 90) * Math.PI / 180; return `${50 + radius * Math.cos(a)} ${50 + radius * Math.sin(a)}`; };
    if (svg.childElementCount !== of) svg.innerHTML = Array.from({ length: of }, (_, i) =>
      `<path d="M${at(i * step + gap / 2)}A${radius} ${radius} 0 ${step - gap > 180 ? 1 : 0} 1 ${at((i + 1) * step - gap / 2)}"/>`).join("");
    [...svg.children].forEach((arc, i) => arc.classList.toggle("k-arc-full", i < shots));
    const count = stage().querySelector(".k-shots");
    count.textContent = words().count.replace("%n", shots).replace("%m", of); count.dataset.shots = shots;
  };

  // The camera's own word is newer than the gateway's: shots only ever grow.
  let most = 0;
  const shots = (n, of) => { most = Math.max(most, n); ring(most, of); };

  const look = async (mine) => {
    let state = null;
    try {
      const answer = await fetch(base + "/state", { cache: "no-store", signal: AbortSignal.timeout(2000) });
      if (answer.ok) state = await answer.json();
    } catch { /* the gateway's own view still moves the page on */ }
    if (mine !== run || !stage()) return;
    if (state) {
      shots(state.shots, state.of);
      say(state.state === "storing" ? words().storing : words()[state.hint] || words().looking);
      if (["done", "failed", "cancelled"].includes(state.state)) { emitEvent("enrol_over"); return; }
    }
    timer = setTimeout(() => look(mine), LOOK_MS);
  };

  const begin = (url) => {
    const img = stage().querySelector("img"), mine = ++run;
    clearTimeout(timer); base = url; most = 0;
    img.onerror = () => { if (stage()) stage().dataset.picture = "none"; };
    img.onload = () => { if (stage()) stage().dataset.picture = "on"; };
    stage().dataset.picture = "wait"; img.src = url; say(words().looking);
    const seen = () => {  // an endless picture has no end to wait for: its first frame counts
      if (mine !== run || !stage()) return;
      if (img.naturalWidth > 0) stage().dataset.picture = "on"; else setTimeout(seen, 150);
    };
    seen(); look(mine);
  };

  const ready = (act, tries = 40) => { if (stage()) act(); else if (tries) setTimeout(() => ready(act, tries - 1), 50); };
  return {
    show: (n, of, url, state) => ready(() => {
      if (url) begin(url);
      shots(n, of);
      if (!base && state === "running") { stage().dataset.picture = "none"; say(words().looking); }
    }),
    waiting: () => ready(() => say(words().waiting)),
    stop: () => { run += 1; base = ""; most = 0; clearTimeout(timer); },
  };
})();

// A text that does not fit says that there is more, until its end was seen.
window.kioskRead = {
  watch: (selector) => setTimeout(() => {
    const box = document.querySelector(selector); if (!box) return;
    const tell = () => { box.dataset.more = box.scrollHeight - box.scrollTop - box.clientHeight > 24 ? "1" : "0"; };
    box.addEventListener("scroll", tell, { passive: true }); new ResizeObserver(tell).observe(box); tell();
  }, 0),
};
