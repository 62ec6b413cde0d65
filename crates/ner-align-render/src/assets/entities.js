
const root = document.documentElement;
const bar = document.querySelector('.bar-top');
const shown = bar.querySelector('output');
const only = bar.querySelector('input[type=checkbox]');
const press = (button, on) => button.setAttribute('aria-pressed', on);
const isPressed = button => button.getAttribute('aria-pressed') === 'true';
const types = [...bar.querySelectorAll('[data-type]')];
const kinds = [...bar.querySelectorAll('[data-kind]')];

function choose(all, button, alone) {
  if (alone) {
    const others = all.some(other => other !== button && isPressed(other));
    all.forEach(other => press(other, other === button || !others));
  } else {
    press(button, !isPressed(button));
  }
}

function showTypes() {
  types.forEach(button => root.classList.toggle('h' + button.dataset.type, !isPressed(button)));
}

const chosen = () => new Set(kinds.filter(isPressed).map(button => button.dataset.kind));
const kindOf = element => [...element.classList].find(name => name.startsWith('o-'))?.slice(2);
const marks = [...document.querySelectorAll('main [data-error][data-at]')];
// An error has a mark on each side; the first is its place.
const places = new Map();
for (const mark of marks) {
  if (!places.has(mark.dataset.error)) places.set(mark.dataset.error, mark);
}
const errors = [...places.values()];

function showKinds() {
  if (!kinds.length) return;
  const set = chosen();
  document.querySelectorAll('.s.hit').forEach(row => row.classList.remove('hit'));
  let count = 0;
  for (const mark of errors) {
    if (!set.has(kindOf(mark))) continue;
    count += 1;
    mark.closest('.s').classList.add('hit');
  }
  document.querySelectorAll('main .no').forEach(mark => {
    const off = !set.has(kindOf(mark));
    mark.classList.toggle('off', off);
  });
  document.querySelectorAll('.list tbody tr').forEach(row => { row.hidden = !set.has(row.dataset.kind); });
  root.classList.toggle('only', only.checked);
  shown.value = `${count} of ${errors.length} errors shown`;
}

let at = -1;
const stops = () => (kinds.length
  ? errors.filter(mark => chosen().has(kindOf(mark)))
  : [...document.querySelectorAll('main [data-at]')]);
function go(mark) {
  document.querySelectorAll('.here').forEach(old => old.classList.remove('here'));
  if (!mark) return;
  const same = mark.dataset.error ? `main [data-error="${mark.dataset.error}"]` : null;
  (same ? document.querySelectorAll(same) : [mark]).forEach(part => part.classList.add('here'));
  mark.scrollIntoView({ block: 'center' });
  mark.focus({ preventScroll: true });
  if (kinds.length) shown.value = `error ${errors.indexOf(mark) + 1} of ${errors.length}`;
}
function step(by) {
  const all = stops();
  if (!all.length) return;
  const here = all.indexOf(document.querySelector('.here[data-at]'));
  at = here < 0 ? (by > 0 ? 0 : all.length - 1) : (here + by + all.length) % all.length;
  go(all[at]);
}
function follow() {
  const mark = places.get(/^#e(\d+)$/.exec(location.hash)?.[1]);
  if (mark) go(mark);
}

bar.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (!button) return;
  const alone = event.shiftKey || event.altKey;
  if (button.dataset.type) { choose(types, button, alone); showTypes(); }
  if (button.dataset.kind) { choose(kinds, button, alone); showKinds(); }
  if (button.dataset.step) step(Number(button.dataset.step));
});
only?.addEventListener('change', showKinds);
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest('input:not([type=checkbox])')) return;
  if (event.key === 'n' || event.key === 'j') step(1);
  else if (event.key === 'p' || event.key === 'k') step(-1);
  else return;
  event.preventDefault();
});
document.querySelectorAll('.list a').forEach(link => link.addEventListener('click', event => {
  event.preventDefault();
  history.replaceState(null, '', link.hash);
  follow();
}));
addEventListener('hashchange', follow);
showKinds();
follow();
