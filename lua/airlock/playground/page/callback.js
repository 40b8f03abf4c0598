// The answer of the implicit flow is in the fragment: hands it to the playground, which sent the user away, and to
// nobody else.

const say = (title, text) => {
  document.getElementById('title').textContent = title;
  document.getElementById('text').textContent = text;
};

const fragment = location.hash.slice(1);
history.replaceState(null, '', location.pathname);
const response = await fetch('/callback/fragment', {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ fragment }),
});
if (response.ok) say('Back at the application',
  'Go back to the playground\'s tab to see what happened. You can close this one.');
else say('Nothing here', 'No run of the playground waits for this page.');
