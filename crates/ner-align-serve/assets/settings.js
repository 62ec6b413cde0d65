// The theme and the list of shortcuts.

const byId = (id) => document.getElementById(id);
const THEMES = ["auto", "light", "dark"];
const KEY = "ner-align-theme";

/** A browser may refuse to remember anything. */
function remembered() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // The theme then lasts as long as the page.
  }
}

/** The button that goes through the themes. */
export function setUpTheme() {
  const button = byId("theme");
  const set = (theme) => {
    document.documentElement.dataset.theme = theme;
    button.textContent = `Theme: ${theme}`;
  };
  set(THEMES.includes(remembered()) ? remembered() : "auto");
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme) + 1) % THEMES.length];
    set(next);
    remember(next);
  });
}

/** The list of shortcuts, by its button and by `?`. */
export function setUpHelp() {
  const help = byId("help");
  byId("help-button").addEventListener("click", () => help.showModal());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "?" || event.target.matches?.("input:not([type=range]), textarea") || help.open) return;
    event.preventDefault();
    help.showModal();
  });
}
