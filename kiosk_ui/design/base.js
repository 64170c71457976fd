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
  // The page's own server gone: nothing here answers any more, so the page says it by itself, in both languages.
  const LOST_MS = 3000;
  let missed = 0;
  const line = (tag, text, lang) => Object.assign(document.createElement(tag), { textContent: text, lang });
  const lostNote = () => {
    const visitor = document.querySelector(".k-frame") !== null;
    const el = Object.assign(document.createElement("div"), { className: "ac-lost", id: "ac-lost" });
    el.setAttribute("role", "alertdialog"); el.dataset.test = "server-lost";
    const ring = document.createElement("div"); ring.className = "ac-lost-ring";
    const chinese = visitor ? "请稍候，或请到前台" : "恢复后自动继续，无需刷新";
    const english = visitor ? "One moment, or please go to the reception desk" : "This page goes on by itself, no need to reload";
    el.append(ring, line("h2", "正在重新连接…", "zh-CN"), line("p", chinese, "zh-CN"), line("h2", "Reconnecting…", "en"), line("p", english, "en"));
    return el;
  };
  setInterval(() => {
    const shown = document.getElementById("ac-lost"), socket = window.socket;
    if (!socket) return;  // the page is still loading
    if (socket.connected) { missed = 0; shown?.remove(); return; }
    missed = missed || performance.now();
    if (!shown && performance.now() - missed >= LOST_MS) document.body.append(lostNote());
  }, 250);

  // Quasar sets the process's language whenever it starts; the page's own comes back at once.
  const root = document.documentElement;
  let spoken = "";
  const speak = () => { if (spoken && root.lang !== spoken) root.lang = spoken; };
  const language = (code) => { spoken = code; speak(); };
  new MutationObserver(speak).observe(root, { attributes: true, attributeFilter: ["lang"] });

  // Clocks that need no server: `data-countdown` and `data-elapsed` hold milliseconds at the moment the element was drawn.
  const marks = new WeakMap();
  // 4:07, or 1:02:09 from an hour on, as on the board.
  const two = (n) => String(n).padStart(2, "0");
  const clock = (total) => {
    const hours = Math.floor(total / 3600), minutes = Math.floor((total % 3600) / 60);
    return hours ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
  };
  const tick = () => {
    for (const el of document.querySelectorAll("[data-countdown],[data-elapsed]")) {
      const down = el.dataset.countdown !== undefined, given = down ? el.dataset.countdown : el.dataset.elapsed;
      let mark = marks.get(el);
      if (!mark || mark.given !== given) { mark = { given, at: performance.now() }; marks.set(el, mark); }
      const passed = performance.now() - mark.at;
      const seconds = down ? Math.max(0, Math.ceil((given - passed) / 1000)) : Math.floor((+given + passed) / 1000);
      const shown = el.dataset.plain !== undefined ? String(seconds) : clock(seconds);
      if (el.textContent !== shown) el.textContent = shown;
      if (down) el.classList.toggle("ac-urgent", seconds <= 10);
    }
  };
  setInterval(tick, 250);

  // A keypad answers the finger at once; the server hears every change and stays the owner of what was typed.
  const group = (digits) => {
    const cut = digits.startsWith("00") ? [4, 8, 12, 16] : [3, 7];
    let out = ""; [...digits].forEach((d, i) => { if (cut.includes(i)) out += " "; out += d; }); return out;
  };
  const keypad = (id, event, given, format, most) => {
    const root = document.getElementById(id); if (!root) return;
    let digits = given;
    const shown = root.querySelector(".ac-typed");
    const limit = () => (format === "phone" && !digits.startsWith("00") ? 11 : most);
    const paint = () => {
      if (format === "pin") shown.replaceChildren(...Array.from({ length: Math.max(4, digits.length) }, (_, i) => {
        const dot = document.createElement("i"); dot.className = "ac-dot" + (i < digits.length ? " ac-full" : ""); return dot; }));
      else if (format === "code") shown.replaceChildren(...Array.from({ length: most }, (_, i) => {
        const place = document.createElement("i"); place.className = "ac-place" + (i === digits.length ? " ac-next" : ""); place.textContent = digits[i] || ""; return place; }));
      else shown.textContent = group(digits);
      shown.setAttribute("aria-label", format === "pin" ? String(digits.length) : digits.split("").join(" "));
      root.dataset.empty = digits ? "0" : "1"; root.dataset.full = digits.length >= limit() ? "1" : "0";
    };
    const change = (next) => { digits = next; paint(); emitEvent(event, digits); };
    const press = (key) => {
      if (key === "clear") change("");
      else if (key === "back") { if (digits) change(digits.slice(0, -1)); }
      else if (digits.length < limit()) change(digits + key);
      else { shown.classList.remove("ac-shake"); void shown.offsetWidth; shown.classList.add("ac-shake"); }
    };
    root.querySelectorAll("[data-key]").forEach((b) => { b.onclick = () => press(b.dataset.key); });
    window.onkeydown = (e) => {  // a keyboard, or a reader that types (keyboard wedge)
      if (!root.isConnected || e.ctrlKey || e.altKey || e.metaKey || /INPUT|TEXTAREA/.test(e.target.tagName)) return;
      if (/^[0-9]$/.test(e.key)) press(e.key);
      else if (e.key === "Backspace") press("back");
      else if (e.key === "Enter" && e.target.tagName !== "BUTTON") emitEvent(event + "_enter", digits);
      else return;
      e.preventDefault();
    };
    paint(); root.dataset.ready = "1";
  };

  // Nobody there: warn, then tell the server. The server forgets the visitor; the page only reports the silence.
  let lastTouch = performance.now(), idle = null;
  for (const kind of ["pointerdown", "keydown"]) window.addEventListener(kind, () => { lastTouch = performance.now(); }, true);
  setInterval(() => {
    const note = document.getElementById("ac-idle"); if (!idle || !note) return;
    const left = idle.seconds - (performance.now() - lastTouch) / 1000;
    note.classList.toggle("ac-hidden", left > idle.warn);
    const number = note.querySelector(".ac-idle-left"); if (number) number.textContent = Math.max(0, Math.ceil(left));
    if (left <= 0) { const { event } = idle; idle = null; emitEvent(event); }
  }, 250);
  const watchIdle = (seconds, warn, event) => { lastTouch = performance.now(); idle = seconds ? { seconds, warn, event } : null; };

  // A tone without a file. Browsers allow sound only after a first tap.
  let audio = null;
  const enableSound = () => {
    audio = audio || new AudioContext(); audio.resume();
    document.querySelectorAll(".ac-sound").forEach((el) => { el.dataset.on = "1"; }); chime();
    if (window.Notification && Notification.permission === "default") Notification.requestPermission();
  };
  const note = (frequency, at, length, loud) => {
    const tone = audio.createOscillator(), gain = audio.createGain(); tone.type = "sine"; tone.frequency.value = frequency;
    gain.gain.setValueAtTime(0, at); gain.gain.linearRampToValueAtTime(loud, at + 0.02); gain.gain.exponentialRampToValueAtTime(0.001, at + length);
    tone.connect(gain).connect(audio.destination); tone.start(at); tone.stop(at + length);
  };
  const chime = () => {
    if (!audio || audio.state !== "running") return false;
    [[659.25, 0], [830.61, 0.16], [987.77, 0.32]].forEach(([f, d]) => note(f, audio.currentTime + d, 0.6, 0.35)); return true;
  };

  // Alerts. Only a page that somebody can see confirms them, and says every few seconds that it is one. Each sounds once,
  // whatever is reloaded and however many tabs are open; while hidden, the browser's own notification stands in.
  const HEARD = "anchang.heard", DAY_MS = 86400000, AWAKE_MS = 10000;
  let told = [], seenEvent = null;
  const claim = (ids) => {
    let known = {}; try { known = JSON.parse(localStorage.getItem(HEARD)) || {}; } catch { known = {}; }
    const fresh = ids.filter((id) => !known[id]), now = Date.now();
    if (fresh.length) {
      const kept = Object.entries(known).filter(([, at]) => now - at < DAY_MS).concat(fresh.map((id) => [id, now]));
      try { localStorage.setItem(HEARD, JSON.stringify(Object.fromEntries(kept))); } catch { /* a full store: it sounds again */ }
    }
    return fresh;
  };
  const visible = () => document.visibilityState === "visible";
  const confirmAlerts = () => {
    if (!seenEvent || !visible()) return;
    const items = told.map((a) => ({ alert_id: a.id, stage: document.querySelector(`[data-alert="${a.card}"]`) ? "shown" : "delivered" }));
    emitEvent(seenEvent, { visible: true, items });
  };
  const announce = () => {
    if (visible()) { if (claim(told.map((a) => a.id)).length) chime(); return; }
    if (!window.Notification || Notification.permission !== "granted") return;
    const fresh = new Set(claim(told.map((a) => a.id)));
    for (const a of told) if (fresh.has(a.id)) {
      const shown = new Notification(a.title, { body: a.body, tag: a.id }); shown.onclick = () => { window.focus(); shown.close(); };
    }
  };
  const alerts = (items) => { told = items; announce(); if (items.length) setTimeout(confirmAlerts, 60); };
  const watchAlerts = (event) => {
    if (!seenEvent) {
      setInterval(confirmAlerts, AWAKE_MS);
      document.addEventListener("visibilitychange", () => { if (visible()) { announce(); confirmAlerts(); } });
    }
    seenEvent = event; confirmAlerts();
  };
  return { beat, down, toast, language, keypad, watchIdle, enableSound, chime, alerts, watchAlerts };
})();
