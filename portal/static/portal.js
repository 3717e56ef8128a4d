// An enhancement only: every page works without it. Five minutes before the session ends, say so (WCAG 2.2.1).
(() => {
  const notice = document.getElementById("session");
  if (!notice) return;
  const minutes = (count) => count * 60 * 1000;
  const warnAt = Date.now() + minutes(Number(notice.dataset.minutes) - 5);
  const check = () => {
    if (Date.now() < warnAt) return;
    // A live region speaks when its content changes: reveal it, then fill it.
    notice.hidden = false;
    const link = document.createElement("a");
    link.href = location.href;
    link.textContent = "Rester connecté";
    notice.replaceChildren("Votre session se ferme dans 5 minutes. ", link);
    clearInterval(timer);
  };
  const timer = setInterval(check, 5000);
  document.addEventListener("visibilitychange", check); // a sleeping telephone stops timers
})();
