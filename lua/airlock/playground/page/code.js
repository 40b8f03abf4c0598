// The code of what was just done, in Lua or for a shell: shown with its secrets covered, copied with them.

import { api } from './api.js';
import { coloured } from './colour.js';
import { el, get } from './dom.js';

const languages = { lua: 'Lua', curl: 'curl', spec: 'a spec' };
let language = 'lua';
let uncovered = false;
let shown = '';
let parts;

async function refresh() {
  const { text } = await api('code', { language, covered: !uncovered });
  parts.pre.replaceChildren(...coloured(text, language));
}

function toggle(name) {
  const button = el('button', { type: 'button', 'aria-pressed': String(name === language) }, `As ${languages[name]}`);
  button.addEventListener('click', () => {
    language = name;
    for (const [each, other] of Object.entries(parts.toggles)) other.setAttribute('aria-pressed',
      String(each === name));
    refresh();
  });
  return button;
}

async function copy() {
  const { text } = await api('code', { language, covered: false });
  try {
    await navigator.clipboard.writeText(text);
    parts.said.textContent = 'Copied, with its secrets.';
  } catch {
    parts.pre.textContent = text;
    getSelection().selectAllChildren(parts.pre);
    parts.said.textContent = 'The browser lets nobody copy: it is selected, with its secrets.';
  }
}

function make() {
  const toggles = Object.fromEntries(Object.keys(languages).map((name) => [name, toggle(name)]));
  const show = el('button', { type: 'button', 'aria-pressed': 'false' }, 'Show secrets');
  show.addEventListener('click', () => {
    uncovered = !uncovered;
    show.setAttribute('aria-pressed', String(uncovered));
    refresh();
  });
  const pre = el('pre', { tabindex: 0, 'aria-label': 'Code' });
  const said = el('p.soft', { role: 'status' });
  get('code').append(el('div.codebar', null, el('h2', { id: 'code-title' }, 'As code'),
    el('div.group', { role: 'group', 'aria-label': 'Language' }, Object.values(toggles)), show,
      el('button', { type: 'button', id: 'copy', onclick: copy }, 'Copy')), pre, said);
  return { toggles, pre, said };
}

export function code(state) {
  parts ??= make();
  const key = JSON.stringify([state.choice, state.run.number, state.run.acts, state.run.status]);
  if (key === shown || state.run.status === 'running') return;
  shown = key;
  parts.said.textContent = '';
  refresh().catch(() => { shown = ''; });
}
