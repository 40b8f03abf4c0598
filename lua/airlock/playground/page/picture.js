// The sequence: steps, arrows between the three lanes, and what the application made of it. Rows are kept, and only
// changed where something is new, so that focus and what is open stay.

import { el, get } from './dom.js';
import { details } from './message.js';

const names = { browser: 'Browser', app: 'Application', server: 'Server' };
let rows = [];

function tone(entry) {
  if (entry.why) return 'bad';
  return !entry.status ? 'open' : entry.status >= 400 ? 'bad' : 'good';
}

function arrow(entry, back) {
  const [from, to] = back ? [entry.to, entry.from] : [entry.from, entry.to];
  const label = back ?
    [el('b', null, entry.status ? String(entry.status) : entry.over ? 'no answer' : '…'), entry.gist ?
      ' ' + entry.gist : '', entry.why ? ' ' + entry.why : ''] :
    [el('b', null, entry.method ?? '…'), ' ', entry.path ?? '', entry.times ? ` (${entry.times} times)` : ''];
  return el(`span.arrow.from-${from}.to-${to}${back ? '.back' : ''}`, null,
    el('span.unseen', null, back ? ' Answer: ' : `${names[from]} to ${names[to]}: `), el('span.label', null, ...label),
      el('span.line'));
}

function message(entry, row) {
  const button = el('button.exchange',
    { type: 'button', 'aria-expanded': String(row.open), class: `exchange ${tone(entry)}` },
    arrow(entry, false), arrow(entry, true));
  button.addEventListener('click', () => {
    row.open = !row.open;
    button.setAttribute('aria-expanded', String(row.open));
    row.node.querySelector('.details')?.remove();
    if (row.open) row.node.append(details(row.entry));
  });
  return row.open ? [button, details(entry)] : [button];
}

function chips(detail) {
  const list = ['kind', 'code', 'outcome', 'status'].filter((name) => detail[name] !== undefined &&
    detail[name] !== null);
  return el('dl.chips', null, list.map((name) =>
    el('div', null, el('dt', null, name), el('dd', null, String(detail[name])))));
}

function note(entry) {
  return [el(`div.note.${entry.tone}`, null, el('p', null, entry.detail ? el('b', null, 'nil, ') : null, entry.text),
    entry.detail ? chips(entry.detail) : null)];
}

const kinds = { message, note, step: (entry) => [el('h3', null, entry.title)] };

function draw(entry, row) {
  const text = JSON.stringify(entry);
  if (row.text === text) return;
  const focused = row.node.contains(document.activeElement);
  row.text = text;
  row.entry = entry;
  row.node.className = `row is-${entry.kind}`;
  row.node.replaceChildren(...kinds[entry.kind](entry, row));
  if (focused) row.node.querySelector('button')?.focus();
}

export function picture(run) {
  const list = get('picture');
  if (run.entries.length < rows.length || (rows.length && rows[0].run !== run.number)) {
    rows = [];
    list.replaceChildren();
  }
  run.entries.forEach((entry, i) => {
    if (!rows[i]) {
      rows[i] = { node: el('li'), open: false, run: run.number };
      list.append(rows[i].node);
    }
    draw(entry, rows[i]);
  });
  list.hidden = rows.length === 0;
}
