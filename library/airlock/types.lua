---@meta _
-- The shapes of the tables that go in and come out: options, failures, events. There is no code here.
-- lua-language-server reads these words, and tools/reference.lua makes docs/api and library/ of them and of the
-- docstrings that stand above the code.

--- What `airlock.client` and those beside it take. Everything may be left out unless it says otherwise; what a flow
--- needs and misses raises when that flow is called for. URLs are `https://`, or `http://` to this machine, and have at
--- most 65 536 bytes, no fragment and no `user:password@`.
---@class airlock.config
---@field url? string the organization's or server's address; for `airlock.space` and `airlock.provider` alone, where the endpoints follow from it
---@field token_endpoint? string where tokens are asked for (RFC 6749 section 3.2)
---@field authorization_endpoint? string where the user's browser is sent (RFC 6749 section 3.1)
---@field device_authorization_endpoint? string where a device code is asked for (RFC 8628 section 3.1)
---@field pushed_authorization_request_endpoint? string where authorization requests are pushed to (RFC 9126 section 2)
---@field revocation_endpoint? string where tokens are revoked (RFC 7009 section 2)
---@field introspection_endpoint? string where tokens are asked about (RFC 7662 section 2)
---@field jwks_uri? string the keys that sign tokens (RFC 7517, RFC 8414 section 2)
---@field issuer? string the server's identifier: what `iss` must be in redirects and in signed tokens (RFC 8414 section 2, RFC 9207)
---@field base_url? string what relative paths of requests begin with
---@field client_id? string the application's name at the server; required by all that asks the server for a token or about one, so by
--- everything but permanent tokens and `verify` (RFC 6749 section 2.2)
---@field client_secret? string|fun(): string proves the application, 1 to 65 536 bytes; a function is called each time the token endpoint is to be
--- asked, and may yield (RFC 6749 section 2.3). None: a public client.
---@field client_auth? airlock.client_auth how it is proved: by default "private_key_jwt" with a key, "client_secret_basic" with a secret, "none"
--- without (RFC 6749 section 2.3, RFC 8414 section 2)
---@field private_key? string|table|fun(): string|table the key that signs assertions: PEM, or a JWK as text or table (RFC 7523 section 2.2, RFC 7517)
---@field private_key_file? string in place of `private_key`: the path of a file with PEM or a JWK, read once
---@field kid? string which of the client's keys it is; by default the JWK's (RFC 7515 section 4.1.4)
---@field token_endpoint_auth_signing_alg? string the algorithm of assertions; by default the key's (RFC 8414 section 2)
---@field client_assertion_audience? string whom assertions are for: "issuer", "token_endpoint" or a URL; by default the issuer where there is one
--- (RFC 7523 section 3)
---@field id_token_signed_response_alg? string|string[] what ID tokens may be signed with; by default every RS, PS and ES with 256, 384, 512, and EdDSA
--- (OpenID Connect Core section 3.1.3.7)
---@field dpop? boolean|airlock.dpop tokens are bound to a key, of which each request has a proof: true for one drawn for each login (RFC 9449)
---@field cert_file? string path of a PEM file: the client's own certificate (RFC 8705)
---@field key_file? string path of a PEM file: its key, where that doesn't stand in `cert_file` (RFC 8705)
---@field mtls_endpoint_aliases? table<string, string> where the endpoints are for a client with a `cert_file` (RFC 8705 section 5)
---@field redirect_uri? string the default redirect of the flows on behalf of a user (RFC 6749 section 3.1.2)
---@field scope? string the default scope, up to 16 384 bytes (RFC 6749 section 3.3)
---@field par? boolean whether authorization requests are pushed first; by default where the server has an endpoint for it (RFC 9126)
---@field require_pushed_authorization_requests? boolean the server takes no others (RFC 9126 section 5)
---@field authorization_response_iss_parameter_supported? boolean the server's redirects carry `iss`; one without is then not ours (RFC 9207 section 3)
---@field timeout? number seconds, the longest a call takes, all together; 30, at most 86 400, or math.huge
---@field connect_timeout? number seconds, the longest a connection takes; 10, at most 86 400
---@field max_body? integer bytes, the largest body kept in memory; 67 108 864, at most 2^40
---@field retries? integer how often a 429 or 503 is repeated; 2, at most 10 (RFC 9110 section 10.2.3)
---@field ca_file? string path of a PEM file: which authorities to trust in place of the system's
---@field proxy? string a URL, "" for none; by default from the environment (`http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`)
---@field user_agent? string the `User-Agent` header; "airlock/" and the version (RFC 9110 section 10.1.5)
---@field on_event? fun(event: airlock.event) is told what happened, when a call ends; must not yield
---@field loop? airlock.loop in whose coroutines calls may wait; by default that of a plain script, or nginx's
---@field store? true|string|airlock.store_functions where tokens last: true for files under `$XDG_STATE_HOME/airlock`, a folder's path, or functions of
--- the program's own; by default in memory alone
---@field clock_skew? integer seconds that clocks may differ where a signed token is judged; 0, at most 3600 (RFC 7519 section 4.1.4)

--- How tokens are bound to a key (RFC 9449).
---@class airlock.dpop
---@field private_key? string|table the program's own key, for all tokens: PEM, or a JWK as text or table; by default one is drawn for each login
---@field private_key_file? string in place of `private_key`: the path of a file with PEM or a JWK, read once
---@field alg? string the algorithm of proofs; by default the key's, ES256 for one that is drawn
---@field allow_bearer? boolean a server that gives a Bearer token all the same is believed

--- How the application is proved to the server.
---@alias airlock.client_auth
---| "none" # `client_id` in the body: a public client (RFC 6749 section 3.2.1)
---| "client_secret_basic" # an `Authorization` header, id and secret form-encoded first (RFC 6749 section 2.3.1)
---| "client_secret_post" # both in the body (RFC 6749 section 2.3.1)
---| "client_secret_jwt" # an assertion with a MAC; the secret has 32, 48 or 64 bytes or more (RFC 7523 section 2.2, RFC 7518 section 3.2)
---| "private_key_jwt" # an assertion signed with `private_key` or `private_key_file` (RFC 7523 section 2.2, RFC 8037)
---| "tls_client_auth" # `client_id` in the body, and the certificate `cert_file` of the connection (RFC 8705 section 2.1)
---| "self_signed_tls_client_auth" # the same, with a certificate that the server knows by itself (RFC 8705 section 2.2)

--- What `airlock.provider` takes: what `airlock.client` does, which wins, and what that server needs.
---@class airlock.provider_config : airlock.config
---@field tenant? string of "microsoft"; "common"
---@field realm? string of "keycloak", which must have it
---@field audience? string of "auth0": the API that tokens are for
---@field server? string of "okta": the authorization server's id; "default"

--- What `airlock.register` takes: what `airlock.client` does, without `client_id`, `client_secret` and `client_auth`.
---@class airlock.registration_config : airlock.config
---@field initial_access_token? string the token that the server wants to see before it registers anybody; used for this alone (RFC 7591 section 3)

--- The third result of what failed, beside nil and a message, which is a sentence fit to print. Codes and outcomes are
--- in docs/failures.md.
---@class airlock.failure
---@field kind "oauth"|"http"|"network"|"store"|"state"|"cancelled" who says so
---@field code string what exactly; a server's own code is taken as it is, cut and made printable
---@field outcome "transient"|"revoked"|"interaction_required"|"misconfigured" what to do about it
---@field status? integer the HTTP status; nil where there was no answer
---@field description? string the server's own words, at most 512 bytes, printable (RFC 6749 section 5.2)
---@field retry_after? number seconds to wait, where the server said so (RFC 9110 section 10.2.3)
---@field error? string the server's code where `code` is ours
---@field error_uri? string a page of the server's about it (RFC 6749 section 5.2)
---@field response? airlock.response of kind "http"

--- What `on_event` is told. No event holds a secret.
---@class airlock.event
---@field event airlock.event_name what happened
---@field status? integer the HTTP status, where there was an answer
---@field code? string what exactly
---@field wait? number seconds until it is tried again

--- When an event comes, and which fields it has beside `event`.
---@alias airlock.event_name
---| "token_requested" # a request goes to the token endpoint
---| "token_received" # it gave a token; `status`
---| "token_refused" # it said no, or its answer is of no use; `status`, `code`
---| "token_failed" # it gave no answer; `code`
---| "token_retry" # it answered 429 or 503, or its answer to a refresh token was lost, and it is asked again; `status` or `code`, `wait`
---| "token_dropped" # the API answered 401, and the token is dropped; `status`
---| "token_adopted" # the store has a newer token, from another process, which is used
---| "lock_wait" # another process renews the token, and this one waits for it
---| "store_set_aside" # a record can't be read and was renamed; `code` is "corrupt", or "future" (of a later version)
---| "store_failed" # the store can't be read or written; `code`
---| "retry" # the API answered 429 or 503, and the request is repeated; `status`, `wait`
---| "deprecated" # a flow that nobody should begin with is begun, told once a client; `code` is "implicit" or "password"
---| "warning" # something is odd but works; `code` is "missing_token_type"

---@class airlock.client_credentials_options
---@field scope? string what is asked for; by default the client's (RFC 6749 section 3.3)
---@field resource? string|string[] which API the token is for, an absolute URI without a fragment, or several (RFC 8707)

---@class airlock.refresh_token_options
---@field scope? string narrows what was granted; by default none is sent (RFC 6749 section 6)
---@field account? string keeps users apart, any text; "default"
---@field resource? string|string[] which API the token is for (RFC 8707)

---@class airlock.authorization_code_options
---@field scope? string what is asked for; by default the client's (RFC 6749 section 3.3)
---@field redirect_uri? string where the browser comes back to; by default the client's (RFC 6749 section 3.1.2)
---@field access_type? "online"|"offline" Space's: whether there is to be a refresh token
---@field request_credentials? "default"|"required" Space's: whether the user must log in anew
---@field resource? string|string[] which API the token is for (RFC 8707)
---@field params? table<string, any> further fields of the authorization request

---@class airlock.implicit_options
---@field scope? string what is asked for; by default the client's (RFC 6749 section 3.3)
---@field redirect_uri? string where the browser comes back to; by default the client's (RFC 6749 section 3.1.2)
---@field request_credentials? "default"|"required" Space's: whether the user must log in anew
---@field resource? string|string[] which API the token is for (RFC 8707)
---@field params? table<string, any> further fields of the authorization request

---@class airlock.login_options
---@field scope? string what is asked for; by default the client's (RFC 6749 section 3.3)
---@field account? string keeps several users' logins apart, any text; "default"
---@field port? integer where the redirect is listened for; 0, a free one, unless the client's `redirect_uri` has one (RFC 8252 section 7.3)
---@field host? string as whom the redirect URI names this machine: "127.0.0.1", "::1" or "localhost"
---@field open? fun(url: string, paste: fun(address: string): boolean) in place of the browser; must come back soon. `paste` takes the address that a
--- browser elsewhere ended at, and says whether it is the one.
---@field timeout? number seconds to wait for the user; 300
---@field access_type? "online"|"offline" Space's: whether there is to be a refresh token
---@field request_credentials? "default"|"required" Space's: whether the user must log in anew
---@field resource? string|string[] which API the token is for (RFC 8707)
---@field params? table<string, any> further fields of the authorization request

---@class airlock.password_options
---@field username string
---@field password string wiped once it was sent
---@field scope? string what is asked for; by default the client's (RFC 6749 section 3.3)
---@field access_type? "online"|"offline" Space's: whether there is to be a refresh token
---@field resource? string|string[] which API the token is for (RFC 8707)
---@field account? string keeps the session under that name in the client's store, where client:session finds it

---@class airlock.device_code_options
---@field scope? string what is asked for; by default the client's (RFC 6749 section 3.3)
---@field resource? string|string[] which API the token is for (RFC 8707)
---@field account? string keeps the session under that name in the client's store, where client:session finds it

--- As they were when the user logged in.
---@class airlock.session_options
---@field account? string the name that the login was kept under; "default"
---@field scope? string the scope of that login; by default the client's
---@field grant? "authorization_code"|"password"|"device_code" how the user logged in; "authorization_code"
---@field resource? string|string[] the resource of that login (RFC 8707)

--- Either `assertion`, or a key and what to sign.
---@class airlock.jwt_bearer_options
---@field assertion? string|fun(): string?, string?, airlock.failure? the JWT, or what gives a new one each time a token is needed
---@field private_key? string|table PEM, or a JWK as text or table; by default the client's own key (RFC 7517)
---@field private_key_file? string the path of a file with PEM or a JWK
---@field kid? string which key it is (RFC 7515 section 4.1.4)
---@field alg? string the algorithm; by default the key's (RFC 7518 section 3.1)
---@field claims? table<string, any> `iss` (by default the client_id), `sub` (as `iss`), `aud` (the issuer, else the token endpoint) and any others
---@field lifetime? integer seconds from 1 to 3600; 60
---@field scope? string what is asked for; by default the client's (RFC 6749 section 3.3)
---@field resource? string|string[] which API the token is for (RFC 8707)
---@field account? string keeps apart sessions that would otherwise mean the same

--- A token is text, a function that gives it, or a session, whose own token is taken. A type is a URI, or
--- "access_token" (the default), "refresh_token", "id_token", "saml1", "saml2" or "jwt".
---@class airlock.token_exchange_options
---@field subject_token string|airlock.session|fun(): string?, string?, airlock.failure? of whom the new token is to be (RFC 8693 section 2.1)
---@field subject_token_type? string what kind it is
---@field actor_token? string|airlock.session|fun(): string?, string?, airlock.failure? who acts for them (RFC 8693 section 2.1)
---@field actor_token_type? string what kind it is
---@field requested_token_type? string what kind to give; by default the server's choice
---@field audience? string|string[] the names of the services that the token is for (RFC 8693 section 2.1)
---@field resource? string|string[] which API the token is for (RFC 8707)
---@field scope? string what is asked for; by default the client's (RFC 6749 section 3.3)
---@field account? string keeps apart sessions that would otherwise mean the same

---@class airlock.verify_options
---@field issuer? string what `iss` must be; by default the client's issuer (RFC 7519 section 4.1.1)
---@field audience? string what `aud` must have; by default the client_id (RFC 7519 section 4.1.3)

---@class airlock.token_options
---@field token_type_hint? string what the token is, as "access_token" or "refresh_token" (RFC 7009 section 2.1)

---@class airlock.finish_options
---@field account? string keeps the session under that name in the client's store, where client:session finds it

---@class airlock.request_options
---@field url string relative to `base_url`, or whole and of the same origin; at most 65 536 bytes with its query, no fragment
---@field method? string "GET"; "POST" with a body; at most 23 bytes (RFC 9110 section 9.1)
---@field query? table<string, any>|string `{ name = value }`, a value being a string, number, boolean or list of these; or text taken as it is
---@field headers? table<string, string> at most 128, and 65 536 bytes; what belongs to the connection or the credentials raises
---@field body? string|fun(): string?, string? the body; or a reader, which gives up to 16 MiB each time, then nil or ""; `nil, why` gives up
---@field json? any in place of `body`: the value as JSON; `airlock.null` is null (RFC 8259)
---@field form? table<string, any> in place of `body`: as `application/x-www-form-urlencoded`
---@field sink? file*|table|fun(bytes: string): any takes a body of status 2xx as it comes; false, or `nil, why`, gives up
---@field progress? fun(sofar: integer, total: integer?) beside a `sink`: called after each piece with the bytes so far and in all
---@field timeout? number seconds, the longest this call takes; by default the client's
---@field max_body? integer bytes, 1 or more; by default the client's, with a `sink` none

--- What a session is; holds no secret.
---@class airlock.session_facts
---@field grant string such as "client_credentials"
---@field subject? "application"|"user" nil where the grant doesn't tell
---@field scope? string as granted where the server said, else as asked for
---@field expires_at? integer seconds since 1970 UTC; nil where there is no token yet or its lifetime is unknown
---@field renewable boolean whether a new token can be had without the user
---@field issued_token_type? string of a token that was exchanged (RFC 8693 section 2.2.1)
---@field token_type? "DPoP" of a token that is bound to a key (RFC 9449)
---@field store? string the folder that its token is kept in, or "program"

--- A loop that calls may wait in; docs/hosts.md says how to write one.
---@class airlock.loop
---@field mine fun(): boolean whether the running coroutine is one of this loop's
---@field park fun() lets the running coroutine wait until it is unparked
---@field unpark fun(thread: thread) lets a parked coroutine go on
---@field spawn? fun(f: function): any starts a function in a coroutine; `airlock.gather` and callbacks need it

--- What can be put beside the engine.
---@class airlock.pollable
---@field fd fun(self: airlock.pollable): integer one descriptor, readable when there is something to do
---@field step fun(self: airlock.pollable) does what there is to do, without blocking

--- The program's own store; docs/store.md says what each must hold to. `name` is the 64 digits of a record. They may
--- yield where the loop lets them.
---@class airlock.store_functions
---@field load fun(name: string): string?, string? the text of the record, nil where there is none; `nil, why` fails
---@field save fun(name: string, text: string?, fence: integer): boolean?, string? true: kept; false: a later lock was given out since
---@field lock fun(name: string, lease: number): integer?, string? a number that grows with each lock; nil: somebody else has it. `lease` in seconds.
---@field unlock fun(name: string, fence: integer) frees it

---@class airlock.nginx_store_options
---@field dict string|table the name of a `lua_shared_dict` that nothing else uses, or that dictionary (`ngx.shared.tokens`)
---@field lifetime? number seconds after which a token is forgotten that nobody has renewed; never

--- What a record of the store says of itself; holds no secret.
---@class airlock.record
---@field name string the 64 digits of its file's name
---@field issuer? string
---@field token_endpoint? string
---@field client_id? string
---@field grant? string
---@field account? string
---@field scope? string as asked for
---@field obtained_at? integer seconds since 1970 UTC
---@field expires_at? integer seconds since 1970 UTC; nil: unknown
---@field generation? integer how many tokens this login has had
---@field renewable? boolean whether it holds a refresh token
---@field dead? boolean the server said a definite no
---@field error? string the server's word for that
---@field unreadable? boolean it isn't a record, or can't be read

---@class airlock.playground_options
---@field port? integer 0, the default, takes a free one; a server that compares redirect URIs needs the same one each time
---@field open? boolean|fun(url: string) false opens no browser; a function gets the page's URL in its place
