// Acts as a browser in which a person signs in. browse follows an authorization URL: it
// keeps cookies, fills in the form of the local issuer, and returns the client's URL when the
// issuer redirects to it. As a program it also opens that URL, as the browser of a desktop
// does:
//
//	MCP_NAME=ada MCP_GROUPS=analysts node browser.mjs URL
import { pathToFileURL } from 'node:url';

export async function browse(start, { name, groups }) {
  let to = new URL(start);
  const issuer = to.origin;
  const cookies = new Map();
  let options = {};
  for (let hops = 0; hops < 10; hops++) {
    const cookie = [...cookies].map((c) => c.join('=')).join('; ');
    const response = await fetch(to, { ...options, redirect: 'manual', headers: { ...options.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, key, value] = line.match(/^([^=]+)=([^;]*)/);
      cookies.set(key, value);
    }
    if (response.status >= 400) throw new Error(`the issuer responded with ${response.status}: ${await response.text()}`);
    const location = response.headers.get('location');
    if (location) {
      to = new URL(location, to);
      options = {};
      if (to.origin !== issuer) return to;
      continue;
    }
    const form = new URLSearchParams({ name, groups });
    for (const [, field, value] of (await response.text()).matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)) {
      form.set(field, value.replace(/&#(\d+);/g, (_, n) => String.fromCharCode(n)).replaceAll('&amp;', '&'));
    }
    to = new URL('/authorize', to);
    options = { method: 'POST', body: form, headers: { origin: to.origin } };
  }
  throw new Error('too many redirects');
}

// open opens the client's URL. It retries, because some clients print the authorization URL
// before they listen for the redirect.
export async function open(back) {
  for (let tries = 0; ; tries++) {
    try {
      const response = await fetch(back);
      if (!response.ok) throw new Error(`the client responded with ${response.status}: ${await response.text()}`);
      return;
    } catch (err) {
      if (err.cause?.code !== 'ECONNREFUSED' && !err.cause?.errors || tries > 300) throw err;
      await new Promise((retry) => setTimeout(retry, 100));
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { MCP_NAME: name, MCP_GROUPS: groups } = process.env;
  const back = await browse(process.argv[2], { name, groups });
  await open(back);
}
