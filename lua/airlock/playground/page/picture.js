// The sequence: steps, arrows between the three lanes, and what the application made of it. Rows are kept, and only
// changed where something is new, so that focus and what is open stay.

import { el, get } from './dom.js';
import { details } from './message.js';

export const names = { browser: 'Browser', app: 'Application', server: 'Server' };
let rows = [];

function tone(entry) {
  if (entry.why) return 'bad';
  return !entry.status ? 'open' : entry.status >= 400 ? 'bad' : 'good';
}

// What counts in a message, by name: the fields whose meaning is known.
const counted = (list) => [...new Set(list.filter((each) => each.means).map((each) => each.name))].join(', ');

// The words of an arrow: what it means, then what goes over the wire, then what counts in it.
export function words(entry, back) {
  const { meaning } = entry;
  if (!back) {
    const times = entry.times ? ` × ${entry.times}` : '';
    return { means: (meaning.ask ?? 'asks') + times, wire: `${entry.method ?? '…'} ${entry.path ?? ''}`.trim(),
      counts: counted(meaning.asked) };
  }
  if (entry.why) return { means: 'no answer', wire: entry.why, counts: '' };
  if (!entry.status) return { means: entry.over ? 'no answer' : '…', wire: '', counts: '' };
  return { means: meaning.answer ?? 'answers', wire: [entry.status, entry.gist].filter(Boolean).join(' '),
    counts: counted(meaning.told) };
}

function arrow(entry, back) {
  const [from, to] = back ? [entry.to, entry.from] : [entry.from, entry.to];
  const { means, wire, counts } = words(entry, back);
  return el(`span.arrow.from-${from}.to-${to}${back ? '.back' : ''}`, null,
    el('span.unseen', null, back ? ' Answer: ' : `${names[from]} to ${names[to]}: `),
    el('span.label', null, el('b', null, means), wire && el('span.wire', null, ' ', wire),
      counts && el('span.counts', null, ' ', counts)), el('span.line'));
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

// What goes on between the browser and the server's own pages, folded.
function group(entry, row) {
  row.inner ??= new Map();
  const inner = entry.entries.map((each) => {
    if (!row.inner.has(each.id)) row.inner.set(each.id, { node: el('li'), open: false });
    draw(each, row.inner.get(each.id));
    return row.inner.get(each.id).node;
  });
  const fold = el('details.fold', { open: row.open, 'aria-label': 'Sign-in pages' }, el('summary', null,
    `The user signs in and answers on the server's own pages (${inner.length} more messages)`), el('ol', null, inner));
  fold.addEventListener('toggle', () => { row.open = fold.open; });
  return [fold];
}

function chips(detail) {
  const list = ['kind', 'code', 'outcome', 'status'].filter((name) => detail[name] !== undefined &&
    detail[name] !== null);
  return el('dl.chips', null, list.map((name) =>
    el('div', null, el('dt', null, name), el('dd', null, String(detail[name])))));
}

function note(entry) {
  return [el(`div.note.${entry.tone}`, null,
    el('p', null, entry.detail ? el('b', null, 'The program is told: ') : null, entry.text),
    entry.value && el('pre', { tabindex: 0, 'aria-label': 'What the program gets' }, entry.value),
    entry.detail ? chips(entry.detail) : null)];
}

const kinds = { message, note, group, step: (entry) => [el('h3', null, entry.title)] };

function draw(entry, row) {
  const text = JSON.stringify(entry);
  if (row.text === text) return;
  const focused = row.node.contains(document.activeElement);
  row.text = text;
  row.entry = entry;
  row.node.className = `row is-${entry.kind}`;
  row.node.replaceChildren(...kinds[entry.kind](entry, row));
  if (focused) row.node.querySelector('button, summary')?.focus();
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
