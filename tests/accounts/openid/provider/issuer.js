// An issuer of OpenID Connect for the tests: oidc-provider, which lets in at once whoever POST /control says, and takes new keys there.
import { createServer } from "node:http";

import Provider from "oidc-provider";

const { port, listens, keys, clients, audience } = JSON.parse(process.argv[2]);
let person = { sub: "nobody" };

function make(keys) {
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    jwks: { keys },
    clients,
    acrValues: ["eidas1", "eidas2"],
    claims: { openid: ["sub"], profile: ["name"], email: ["email"], work: ["siret", "roles"] },
    scopes: ["openid", "profile", "email", "work"],
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ ...person, sub }) }),
    cookies: { keys: ["of the tests"] },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      jwtUserinfo: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: () => ({
          audience,
          scope: "read_catalogue",
          accessTokenFormat: "jwt",
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
  provider.use(async (context, next) => {
    if (!context.path.startsWith("/interaction/")) return next();
    const { params, grantId, session } = await provider.interactionDetails(context.req, context.res);
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session?.accountId ?? person.sub, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const result = { login: { accountId: person.sub, acr: person.acr }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(context.req, context.res, result);
    context.respond = false;
  });
  return provider.callback();
}

let answer = make(keys);
const server = createServer(async (request, response) => {
  if (request.url !== "/control") return answer(request, response);
  let body = "";
  for await (const piece of request) body += piece;
  const said = JSON.parse(body);
  if (said.person) person = said.person;
  if (said.keys) answer = make(said.keys);
  response.end();
});
server.listen(listens, "127.0.0.1", () => console.log("ready"));
