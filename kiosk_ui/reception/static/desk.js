// The keys of the desk: / and Escape lead to the search field, F2 checks somebody in, arrows walk through a list.
window.receptionDesk = (() => {
  const field = () => document.querySelector('.r-search input');
  const seen = (el) => el.offsetParent !== null;
  const rows = (box) => [...box.querySelectorAll("[data-row]")].filter(seen);
  const back = () => { const f = field(); if (f) { f.focus(); f.select(); } };
  const first = () => setTimeout(() => {
    const found = [...document.querySelectorAll(".r-opened [data-row]")].filter(seen)[0];
    if (found && document.activeElement === field()) found.focus();
  }, 60);
  const walk = (event, step) => {
    const at = document.activeElement, row = at && at.closest("[data-row]");
    if (!row && at !== field()) return;
    const opened = document.querySelector(".r-opened:not(.ac-hidden)");
    const box = row ? row.closest(".r-opened, .r-list") : opened && rows(opened).length ? opened : document.querySelector(".r-lists");
    const all = rows(box), place = row ? all.indexOf(row) + step : step > 0 ? 0 : -1;
    if (all[place]) all[place].focus(); else if (place < 0) back();
    event.preventDefault();
  };
  window.addEventListener("keydown", (event) => {
    if (!field() || document.querySelector(".q-dialog__inner")) return;
    const typing = /INPUT|TEXTAREA/.test(event.target.tagName);
    if (event.key === "Escape") { if (field().value && document.activeElement === field()) { field().select(); } emitEvent("desk_escape"); event.preventDefault(); }
    else if (event.key === "F2") { emitEvent("desk_check_in"); event.preventDefault(); }
    else if (event.key === "/" && !typing) { back(); event.preventDefault(); }
    else if (event.key === "ArrowDown") walk(event, 1);
    else if (event.key === "ArrowUp") walk(event, -1);
  });
  return { back, first };
})();
