// The person's turn: where to sign in, and as whom.

import { el, fill, get } from './dom.js';

export function turn(state) {
  const wait = state.run.wait;
  const node = get('turn');
  node.hidden = !wait;
  const person = state.place.kind === 'emulator' ? state.emulator.people[0] : null;
  fill(node, wait ?? null, () => wait && [
    el('h2', { id: 'turn-title' }, 'Your turn'),
    wait.user_code ? el('p', null, 'The program shows this code: ', el('strong.usercode', null, wait.user_code),
      ' Enter it in a browser, on this device or another.') :
      el('p', null, 'The server wants to know who you are, and whether the application may act for you.'),
    person && el('p.soft', null, 'Sign in as ', el('code', null, person.username), ' with the password ',
      el('code', null, person.password), '.'),
    el('p', null, el('a.button.first', { href: wait.url, target: '_blank', rel: 'noopener noreferrer', id: 'open' },
      'Open the sign-in page', el('span.unseen', null, ' in a new tab'))),
  ]);
}
