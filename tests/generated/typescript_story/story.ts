// A candidature goes from its draft to the register, as a program in TypeScript with the generated types does it.
// `run` is called by `run.mjs`, with the address, the keys, and a file for each kind of proof.
import createClient from "openapi-fetch";
import type { components, paths } from "./referencing.js";

type Item = components["schemas"]["ItemOut"];
type Keys = { editor: string; lead: string; verifier: string };
type Proof = { name: string; content: Uint8Array<ArrayBuffer> };

/** What was answered; a problem ends the story, with what it says to do. */
function hoped<Answer>({ data, error }: { data?: Answer; error?: { detail?: string } }): Answer {
  if (data === undefined) throw new Error(error?.detail ?? "no answer");
  return data;
}

export async function run(url: string, keys: Keys, proofs: Record<string, Proof>): Promise<string[]> {
  const speaking = (key: string) =>
    createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
  const [editor, lead, verifier] = [speaking(keys.editor), speaking(keys.lead), speaking(keys.verifier)];

  const software = hoped(
    await editor.POST("/api/v1/softwares", { body: { name: "TypeScript", nil: "NIL-TYPESCRIPT" } }),
  );
  const solution = hoped(
    await editor.POST("/api/v1/solutions", {
      body: { software: software.id, commercial_name: "TypeScript Cabinet" },
    }),
  );
  const draft = hoped(
    await editor.POST("/api/v1/candidatures", {
      body: { dsr: "LGC-V2", solution: solution.id, software_version: "1.0" },
    }),
  );
  const candidature = { params: { path: { candidature: draft.id } } };

  const { items } = hoped(await editor.GET("/api/v1/candidatures/{candidature}/items", candidature));
  for (const item of items.filter((each: Item) => each.state === "required")) {
    const proof = proofs[item.kind];
    if (!proof) throw new Error(`no file for ${item.kind}`);
    const { files } = hoped(
      await editor.POST("/api/v1/candidatures/{candidature}/items/{item}/proofs", {
        params: { path: { candidature: draft.id, item: item.code } },
        body: { file: "" },
        bodySerializer: () => {
          const form = new FormData();
          form.append("file", new Blob([proof.content]), proof.name);
          return form;
        },
      }),
    );
    if (files[0]?.filename !== proof.name) throw new Error(`kept as ${files[0]?.filename}`);
  }
  hoped(await editor.POST("/api/v1/candidatures/{candidature}/submission", candidature));

  hoped(
    await lead.POST("/api/v1/candidatures/{candidature}/admissibility", {
      ...candidature,
      body: { outcome: "admissible", comment: "Lu." },
    }),
  );
  for (;;) {
    const claim = await verifier.POST("/api/v1/queues/{queue}/claims", {
      params: { path: { queue: "proof_review" } },
    });
    if (claim.response.status === 204) break;
    const task = hoped(claim);
    hoped(
      await verifier.POST("/api/v1/tasks/{task}/verdict", {
        params: { path: { task: task.id } },
        body: { outcome: "conform", comment: "Vu.", file_sha256: task.subject?.proof?.files[0]?.sha256 ?? null },
      }),
    );
  }

  hoped(
    await lead.POST("/api/v1/candidatures/{candidature}/decision", {
      ...candidature,
      body: { outcome: "referenced", comment: "Vu en comité." },
    }),
  );
  const register = hoped(await createClient<paths>({ baseUrl: url }).GET("/api/v1/register"));
  if (typeof register === "string") throw new Error("asked for JSON, answered CSV");
  return register.items.map((line) => line.commercial_name);
}
