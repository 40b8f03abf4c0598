--- Sources of tokens that somebody else makes, for `client:token_source`.

-- spec: spec/session/source_spec.lua

local lazy = require "airlock.lazy"

--- Sources of tokens: `airlock.source`, for `client:token_source`. Sources that were given the same share their token.
---@class airlock.source
local source = {}

local clouds = lazy "airlock.source.clouds"
local google = lazy "airlock.source.google"
local github = lazy "airlock.source.github"
local nearby = lazy "airlock.source.nearby"

--- What another program prints, such as `{ "gh", "auth", "token" }`. It is started without a shell, and its standard
--- input is empty. It prints the token alone, or JSON: a token reply, what `az account get-access-token` prints, or a
--- Kubernetes ExecCredential. A failure tells the beginning of its standard error, and never what it printed.
---@param argv string[] the program, found by PATH, and its words; `timeout`: seconds until it is killed (30)
---@return airlock.token_source source
---@see docs/sources.md
function source.command(argv)
  return nearby.command(argv)
end

--- What stands in a file, which is read again when the token may have changed: Kubernetes' projected tokens.
---@param options { path: string }|string[] the file's path
---@return airlock.token_source source
---@see docs/sources.md
function source.file(options)
  return nearby.file(options)
end

--- What an environment variable holds.
---@param options { name: string }|string[] the variable's name
---@return airlock.token_source source
---@see docs/sources.md
function source.environment(options)
  return nearby.environment(options)
end

--- The token of a virtual machine at Google, from its metadata service.
---@param options? { scopes?: string|string[], account?: string } `account`: "default"
---@return airlock.token_source source
---@see Google: "Access tokens for service accounts from the metadata server"
function source.google_metadata(options)
  return clouds.google_metadata(options)
end

--- The token of a managed identity at Azure, from its metadata service.
---@param options { resource: string, client_id?: string } `client_id`: which identity, if the machine has several
---@return airlock.token_source source
---@see Microsoft: "Use managed identities on a virtual machine to acquire access token"
function source.azure_metadata(options)
  return clouds.azure_metadata(options)
end

--- A token by Google's JSON key of a service account.
---@param options { key_file: string, scope: string|string[], subject?: string } `subject`: the user it acts for, where
--- the domain lets it
---@return airlock.token_source source
---@see Google: "Using OAuth 2.0 for server to server applications"
function source.google_service_account(options)
  return google.service_account(options)
end

--- The installation token of a GitHub App.
---@param options { app_id: string|integer, key_file: string, installation: string|integer, base_url?: string }
--- `base_url`: of GitHub Enterprise Server, such as "https://github.example/api/v3/"
---@return airlock.token_source source
---@see GitHub: "Generating an installation access token for a GitHub App"
function source.github_app(options)
  return github.app(options)
end

--- The OIDC token of a GitHub Actions job, which needs `permissions: id-token: write`. It is also a `client_assertion`.
---@param options? { audience?: string }
---@return airlock.token_source source
---@see GitHub: "OpenID Connect reference"
function source.github_actions(options)
  return github.actions(options)
end

return source
