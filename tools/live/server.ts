// Serves one page on this machine and nothing else.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Html } from "../picture/shell";

const HOST = "127.0.0.1";
const NAMES = [HOST, "localhost"];

/** The page behind an address of this machine. */
export interface Served {
  url: string;
  /** Whether the port that was asked for was taken. */
  moved: boolean;
  close(): Promise<void>;
}

/** Serves the page on `port` of 127.0.0.1, on a free one if it is taken and may be another; 0: any. Rejects when it cannot. */
export async function serve(page: Html, port: number, strict: boolean): Promise<Served> {
  const server = createServer((request, response) => answer(page, at(server), request, response));
  let moved = false;
  await listen(server, port).catch((error) => {
    if (strict || error.code !== "EADDRINUSE") throw new Error(error.code === "EADDRINUSE" ? `port ${port} is taken: --port 0 takes a free one` : `port ${port} cannot be used: ${error.code}`);
    moved = true;
    return listen(server, 0);
  });
  const close = () => new Promise<void>((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
  return { url: `http://${HOST}:${at(server)}/`, moved, close };
}

function at(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(port, HOST, () => {
      server.off("error", failed);
      done();
    });
  });
}

const HEADERS = {
  "Cache-Control": "no-store",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Permissions-Policy": "serial=(self)",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff"
};

/** A name that leads here from elsewhere (DNS rebinding) is as foreign as another path. */
function answer({ html, policy }: Html, port: number, request: IncomingMessage, response: ServerResponse): void {
  const refuse = (code: number, text: string) => response.writeHead(code, { ...HEADERS, "Content-Type": "text/plain", "Content-Security-Policy": "default-src 'none'" }).end(`${text}\n`);
  if (!NAMES.some((name) => request.headers.host === `${name}:${port}`)) return void refuse(403, `this page is at http://${HOST}:${port}/ only`);
  if (request.url !== "/") return void refuse(404, "there is one page here: /");
  if (request.method !== "GET" && request.method !== "HEAD") return void refuse(405, "GET only");
  response.writeHead(200, { ...HEADERS, "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy });
  response.end(request.method === "HEAD" ? undefined : html);
}
