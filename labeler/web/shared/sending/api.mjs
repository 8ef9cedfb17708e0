/* Talks to the server and nothing else does. Every call ends in {status, data, guideline}; status 0 means "no reply
   worth reading"
   (no network, a time-out, a page instead of JSON), so callers never need try/catch.
   Note: a session that ended may come back as a redirect to a page with status 200. */

const TIMEOUT = 20_000; // ms
const KEEPALIVE_LIMIT = 30_000; // bytes; the browser allows 64 KiB for all requests that outlive a page

export function connect({ base, page, user, token }) {
  /* guideline: the newest version of the guidelines; more: there are more items than came; where the reply tells it. */
  async function call(method, address, body) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = { Accept: "application/json", "X-CSRFToken": token, "X-Labeler-User": user };
    if (text !== undefined) headers["Content-Type"] = "application/json";
    try {
      const response = await fetch(address, {
        method,
        headers,
        body: text,
        credentials: "same-origin",
        cache: "no-store",
        keepalive: method === "POST" && text.length < KEEPALIVE_LIMIT,
        signal: AbortSignal.timeout(TIMEOUT),
      });
      const readable = (response.headers.get("content-type") ?? "").includes("json");
      if (!readable) return { status: response.redirected ? 401 : response.ok ? 0 : response.status, data: null };
      return {
        status: response.status,
        data: await response.json(),
        guideline: Number(response.headers.get("X-Guideline-Version") ?? 0),
        more: response.headers.get("X-More-Items") === "1",
      };
    } catch {
      return { status: 0, data: null };
    }
  }

  /* A new sign-in brings a new CSRF token. Reads it from this page, fetched again; answers "same", "other" (somebody
     else is signed in here now), "out" (nobody is), "gone" (this page is not for this person any more) or "unknown". */
  async function renew() {
    try {
      const response = await fetch(page, {
        credentials: "same-origin",
        cache: "no-store",
        signal: AbortSignal.timeout(TIMEOUT),
      });
      if (response.status >= 500) return "unknown";
      if (response.status === 403 || response.status === 404) return "gone";
      const html = await response.text();
      const owner = /data-user="([^"]*)"/.exec(html)?.[1];
      const fresh = /name="csrf-token" content="([^"]*)"/.exec(html)?.[1];
      if (owner === undefined || fresh === undefined) return "out";
      if (owner !== user) return "other";
      token = fresh;
      return "same";
    } catch {
      return "unknown";
    }
  }

  /* Posts to an address outside the API of projects, once more where only the token was old. */
  async function save(address, body) {
    const { status } = await call("POST", address, body);
    if ((status === 400 || status === 403) && (await renew()) === "same")
      return (await call("POST", address, body)).status === 200;
    return status === 200;
  }

  return {
    get: (path) => call("GET", base + path),
    post: (path, body) => call("POST", base + path, body),
    remove: (path) => call("DELETE", base + path),
    save,
    renew,
  };
}
