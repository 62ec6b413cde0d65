// Requests to the server that the page came from.

// The page may be mounted below a path: its scripts lie in `assets/` beside the API.
const ROOT = new URL("../", import.meta.url);

/** What the server said is wrong, or that it does not answer, in one line. */
export class RequestError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** The server, with the token that it asked for. */
export class Server {
  constructor() {
    // Kept in memory only.
    this.token = null;
  }

  /** `{"models": [{"name", "labels", "default"}]}` */
  models() {
    return this.ask("v1/models", {});
  }

  /** The entities of a text. */
  entitiesOfText(text, model, signal) {
    const body = JSON.stringify({ text, model: model ?? undefined });
    const headers = { "content-type": "application/json" };
    return this.ask("v1/entities", { method: "POST", headers, body, signal });
  }

  /** The text of a file and its entities. */
  entitiesOfFile(file, model, signal) {
    const body = new FormData();
    body.set("file", file, file.name);
    const query = model ? `?${new URLSearchParams({ model })}` : "";
    return this.ask(`v1/entities${query}`, { method: "POST", body, signal });
  }

  async ask(path, request) {
    const headers = new Headers(request.headers);
    if (this.token) headers.set("authorization", `Bearer ${this.token}`);
    let response;
    try {
      response = await fetch(new URL(path, ROOT), { ...request, headers, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new RequestError("The server does not answer. Is it still running?", 0);
    }
    if (response.ok) {
      try {
        return await response.json();
      } catch (error) {
        if (error.name === "AbortError") throw error;
        throw new RequestError("The server's answer is not JSON.", response.status);
      }
    }
    throw new RequestError(await problem(response), response.status);
  }
}

/** The line for an answer that is an error; RFC 9457 where the server speaks it. */
async function problem(response) {
  const status = `${response.status} ${response.statusText}`.trim();
  try {
    const { title, detail } = await response.json();
    const line = [title ?? status, detail].filter(Boolean).join(": ");
    return line.replace(/\s+/g, " ").slice(0, 500);
  } catch {
    return status;
  }
}
