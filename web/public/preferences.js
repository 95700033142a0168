// Runs before the first paint, so that a page never shows in another theme or language first.
// A file of its own, since the Content-Security-Policy allows no inline script.
(() => {
  const root = document.documentElement;
  const languages = ["en", "th"];
  const themes = ["light", "dark"];
  let theme = null;
  let language = null;
  try {
    theme = localStorage.getItem("theme");
    language = localStorage.getItem("language");
  } catch {
    // Storage is off: the system's preferences hold.
  }
  if (themes.includes(theme)) root.dataset.theme = theme;
  const preferred = navigator.language.slice(0, 2);
  root.lang = [language, preferred].find((it) => languages.includes(it)) ?? "en";
})();
