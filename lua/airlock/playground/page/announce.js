// Tells a screen reader what has happened, in words, once.

import { get } from './dom.js';

const names = { browser: 'browser', app: 'application', server: 'server' };
let told = 0;
let status = '';

function words(entry) {
  if (entry.kind === 'step') return `Step: ${entry.title}.`;
  if (entry.kind === 'note') return entry.text;
  if (entry.kind === 'group') return `${entry.entries.length} messages between the browser and the server's own pages.`;
  const answer = entry.status ? `answered ${entry.status}${entry.gist ? ', ' + entry.gist : ''}` : entry.why ??
    'no answer yet';
  return `${names[entry.from]} to ${names[entry.to]}, ${entry.meaning.ask ?? entry.method ?? ''}: ${answer}.`;
}

const states = { waiting: 'Your turn: open the sign-in page.', done: 'The run is over.',
  failed: 'The run has ended with a failure.' };

export function announce(run) {
  const entries = run.entries;
  if (entries.length < told) told = 0;
  const over = entries.slice(told).filter((entry) => entry.kind !== 'message' || entry.over);
  const said = over.map(words);
  told = entries.length;
  const now = run.wait ? 'waiting' : run.status;
  if (now !== status && states[now]) said.push(states[now]);
  status = now;
  if (said.length) get('announcer').textContent = said.slice(-4).join(' ');
}
