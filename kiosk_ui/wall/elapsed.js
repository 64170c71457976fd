// Durations that run on without the server: <span data-since="ms since 1970" data-warn="s" data-late="s">.
// `wall.sync(ms)` gives the server's clock, so that a screen with a wrong clock still shows true durations.
window.wall = (() => {
  let offset = 0;
  const two = (n) => String(n).padStart(2, "0");
  const format = (s) => {
    const h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60);
    return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
  };
  const tick = () => {
    const now = Date.now() + offset;
    document.querySelectorAll("[data-since]").forEach((el) => {
      const s = Math.max(0, Math.floor((now - Number(el.dataset.since)) / 1000));
      const text = format(s);
      if (el.textContent !== text) el.textContent = text;
      if (el.dataset.warn) el.dataset.level = s > Number(el.dataset.late || Infinity) ? "late" : s > Number(el.dataset.warn) ? "warn" : "good";
    });
    document.querySelectorAll("[data-clock]").forEach((el) => {
      const text = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: el.dataset.clock }).format(now);
      if (el.textContent !== text) el.textContent = text;
    });
  };
  setInterval(tick, 500);
  return { sync: (server) => { offset = server - Date.now(); tick(); } };
})();
