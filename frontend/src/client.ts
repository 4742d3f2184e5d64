// What the server is asked; every failure is a sentence of its own.
import type { components } from "./api";
import { WORDS } from "./words";

type Schema = components["schemas"];
export type Answer = Schema["Answer"];
export type Job = Schema["Job"];
export type Problem = Schema["Problem"];
export type Strip = Schema["Strip"];

export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.sentence);
  }
}

export async function call<T>(path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`/api/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: body === undefined ? {} : { "content-type": "application/json" },
      body: body === undefined ? null : JSON.stringify(body),
    });
  } catch {
    throw new Refused({ sentence: WORDS.lost, key: null, code: "lost" });
  }
  const said = (await response.json()) as unknown;
  if (!response.ok) throw new Refused(said as Problem);
  return said as T;
}

export const OVER = ["done", "failed", "stopped"];

// Tells of a job until it is over, or that its server is gone; returns what ends the telling.
export function follow(id: string, tell: (job: Job) => void, lost: (failure: unknown) => void): () => void {
  const source = new EventSource(`/api/jobs/${id}/events`);
  source.onmessage = (event) => {
    const job = JSON.parse(event.data as string) as Job;
    if (OVER.includes(job.state)) source.close();
    tell(job);
  };
  // It begins again by itself while there is somebody to tell.
  source.onerror = () => {
    call<Job>(`jobs/${id}`).catch((failure: unknown) => {
      source.close();
      lost(failure);
    });
  };
  return () => source.close();
}
