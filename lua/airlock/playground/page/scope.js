// The scope, typed or built: Space's contexts and permissions, and what is in it already.

import { el } from './dom.js';

let parts; // made once: what is open, typed and scrolled stays

const elements = (scope) => scope.split(' ').filter(Boolean);

function context() {
  const { value } = parts.context;
  return value.endsWith(':') ? value + parts.name.value.trim() : value;
}

// What the boxes stand for: a permission in the context that is chosen.
const element = (permission) => `${context()}:${permission}`;

function set(list) {
  parts.input.value = list.join(' ');
  parts.change({ scope: parts.input.value });
}

function chip(each) {
  const button = el('button', { type: 'button', 'aria-label': `Remove ${each}` }, '×');
  button.addEventListener('click', () => {
    set(elements(parts.input.value).filter((other) => other !== each));
    parts.input.focus();
  });
  return el('li', null, el('code', null, each), button);
}

function toggle(permission, on) {
  const rest = elements(parts.input.value).filter((each) => each !== element(permission) && each !== '**');
  set(on ? [...rest, element(permission)] : rest.length ? rest : ['**']);
}

function fits() {
  const wanted = parts.filter.value.trim().toLowerCase();
  const inside = new Set(elements(parts.input.value));
  const usable = !parts.context.value.endsWith(':') || parts.name.value.trim() !== '';
  let n = 0;
  for (const [permission, row] of parts.rows) {
    row.node.hidden = !permission.toLowerCase().includes(wanted);
    row.box.checked = usable && inside.has(element(permission));
    row.box.disabled = !usable;
    if (!row.node.hidden) n++;
  }
  parts.found.textContent = usable ? `${n} of ${parts.rows.size} permissions` : 'Name the context first.';
}

function row(permission) {
  const box = el('input', { type: 'checkbox', name: 'permission', value: permission });
  box.addEventListener('change', () => toggle(permission, box.checked));
  return { box, node: el('label', null, box, el('span', null, permission)) };
}

function make(catalogue, state) {
  const input = el('input', { name: 'scope', spellcheck: 'false', autocapitalize: 'off' });
  const select = el('select', null,
    catalogue.contexts.map(({ prefix, title }) => el('option', { value: prefix }, title)));
  const name = el('input', { spellcheck: 'false', list: 'projects', placeholder: 'key or id' });
  const filter = el('input', { type: 'search', spellcheck: 'false', placeholder: 'such as Issues' });
  const rows = new Map(catalogue.permissions.map((each) => [each, row(each)]));
  const found = el('p.soft', { role: 'status' });
  const why = el('small.bad', { role: 'status' });
  const chips = el('ul.chosen', { 'aria-label': 'In the scope' });
  const all = el('button', { type: 'button', onclick: () => set(['**']) }, 'Everything: **');
  const label = (text, control) => el('label.field', null, el('span', null, text), control);
  const named = label('Which', name);
  const builder = el('details.builder', { 'aria-label': 'Scope builder' }, el('summary', null, 'Build the scope'),
    chips, all, label('Context', select), named,
    label('Find a permission', filter), found,
      el('div.permissions', { role: 'group', 'aria-label': 'Permissions', tabindex: 0 },
      [...rows.values()].map(({ node }) => node)),
    el('datalist', { id: 'projects' }, state.emulator.projects.map((key) => el('option', { value: key }))));
  select.addEventListener('change', () => { named.hidden = !select.value.endsWith(':'); fits(); });
  name.addEventListener('input', fits);
  filter.addEventListener('input', fits);
  input.addEventListener('change', () => parts.change({ scope: input.value.trim() }));
  named.hidden = true;
  return { node: el('div', null, label('Scope', input), why, builder), input, context: select, name, named, filter,
    rows, found, why, chips, builder };
}

export function scope(state, catalogue, change) {
  parts ??= make(catalogue, state);
  parts.change = change;
  if (document.activeElement !== parts.input || parts.input.value === '') parts.input.value = state.choice.scope;
  const isSpace = state.place.kind === 'emulator' || state.place.kind === 'space';
  parts.builder.hidden = !isSpace;
  parts.why.textContent = (isSpace && state.scope_why) || '';
  parts.chips.replaceChildren(...elements(state.choice.scope).map(chip));
  fits();
  return parts.node;
}
