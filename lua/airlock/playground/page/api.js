// Talks to the playground's server, one request after the other, under the key that is in the page's address.

let last = Promise.resolve();

async function ask(name, value) {
  const options = value === undefined ? {} :
    { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value) };
  const response = await fetch(`api/${name}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

// api('state') gets, api('choose', { … }) posts.
export function api(name, value) {
  const answer = last.then(() => ask(name, value));
  last = answer.catch(() => {});
  return answer;
}
