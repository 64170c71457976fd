// Helpers every screen shares. `anchang` is the only global.
window.anchang = (() => {
  const SILENCE_MS = 12000;
  let heard = 0, state = "offline";
  const paint = () => document.querySelectorAll(".ac-link").forEach((el) => { if (el.dataset.state !== state) el.dataset.state = state; });
  const set = (next) => { state = next; paint(); };
  // A beat arrives for each ping of the stream, through the page's own socket: silence on either hop shows.
  const beat = () => { heard = performance.now(); set("online"); };
  const down = () => { heard = 0; set("offline"); };
  setInterval(() => { if (state === "online" && performance.now() - heard > SILENCE_MS) set("offline"); else paint(); }, 500);

  const toast = (text, bad) => {
    document.querySelectorAll(".ac-toast").forEach((el) => el.remove());
    const el = Object.assign(document.createElement("div"), { className: "ac-toast" + (bad ? " ac-toast-bad" : ""), textContent: text });
    el.setAttribute("role", bad ? "alert" : "status"); el.dataset.test = "toast";
    document.body.append(el); setTimeout(() => el.remove(), 4500);
  };
  const language = (code) => { document.documentElement.lang = code; };
  return { beat, down, toast, language };
})();
