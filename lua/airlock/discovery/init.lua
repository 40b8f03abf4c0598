--- A client from what its server says about itself: finds the server's metadata, and chooses from it.

-- spec: spec/client/discovery_spec.lua

local calls = require "airlock.call"
local client = require "airlock.client"
local core = require "airlock.core"
local failure = require "airlock.failure"
local registry = require "airlock.loop.registry"
local metadata = require "airlock.discovery.metadata"
local response = require "airlock.response"
local styles = require "airlock.paging.styles"

local copy = client.copy
local discovery = {}

local whose = "airlock.discover"
local most_redirects = 5 -- followed for one document, all within the origin
local keep_for, keep_most = 3600, 64 -- seconds that a document is kept; how many are
local kept, kept_count = {}, 0 -- issuer and whom we trust to reach it → { body, at }

-- What is taken over from a document into the configuration, where that doesn't say otherwise.
local taken = {
  "authorization_endpoint", "token_endpoint", "revocation_endpoint", "introspection_endpoint",
    "device_authorization_endpoint", "jwks_uri",
    "userinfo_endpoint", "end_session_endpoint",
  "mtls_endpoint_aliases", "authorization_response_iss_parameter_supported", "pushed_authorization_request_endpoint",
}

-- Ways to prove the client, best first (RFC 9700 section 2.5); one that isn't named here comes after them.
local preferred = { "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth", "client_secret_basic",
  "client_secret_post", "client_secret_jwt" }

local function ways()
  local methods, list, listed = core.client_auth_methods(), {}, {}
  for _, name in ipairs(preferred) do
    list[#list + 1], listed[name] = methods[name], true
  end
  for _, method in ipairs(methods) do
    if method.needs and not listed[method.name] then list[#list + 1] = method end
  end
  return list
end

local function check_issuer(issuer, config)
  if type(issuer) ~= "string" then core.mistake(whose .. ": the issuer must be a string, not a " .. type(issuer)) end
  local why = core.url_fault(issuer, nil, type(config) == "table" and config.plain_http or nil)
    or issuer:find("?", 1, true) and "has a query, which an issuer can't have"
  if why then core.mistake(("%s: the issuer %s"):format(whose, why)) end
end

-- A client with all the program's options, made before anything is sent: mistakes raise now, and it knows how to reach
-- servers.
local function probe_of(issuer, config)
  if type(config) ~= "table" then core.mistake(whose .. ": a table of options was expected, not a " .. type(config)) end
  if config.issuer ~= nil then
    core.mistake(whose .. ": option 'issuer' can't be given twice: it is the first argument")
  end
  local probe = copy(config)
  probe.issuer = issuer
  probe.par = nil -- whether it can isn't known yet
  probe.token_endpoint = probe.token_endpoint or issuer
  return client.new(probe, whose)
end

local function fetch(probe, url)
  local loop = registry.current(probe)
  return calls.serve(core.fetch(probe, url, loop ~= nil and loop.carry ~= nil), loop, probe)
end

-- Some servers add a slash. Another origin has no word in who this one is, so what it says isn't looked at.
local function fetch_near(probe, place)
  local url = place
  for _ = 0, most_redirects do
    local status, body, head = fetch(probe, url)
    if not status or status < 300 or status >= 400 then return status, body, head end
    local location = response.headers(head).location
    local target = location and styles.resolve(location, url)
    if not target or core.url_fault(target, probe) then
      return ("%d, a redirect, which is never followed to what is no URL of this server"):format(status)
    elseif not core.same_origin(target, place) then
      return ("%d, a redirect, which is never followed to another origin (%s)"):format(status,
        metadata.quote(target:match "^%a+://[^/?#]*"))
    end
    url = target
  end
  return "3xx, and again, too often"
end

discovery.fetch_near = fetch_near

local function place_of(probe, url)
  return { method = "GET", url = url, client_id = probe:settings().client_id }
end

-- The document's text, or a failure. A place that has none (404, a web page, a redirect to one) isn't the last word.
local function find(probe, issuer)
  local said = {}
  for _, url in ipairs(metadata.places(issuer)) do
    local status, body, more = fetch_near(probe, url)
    if not status then return nil, body, more end
    if type(status) == "number" and (status >= 500 or status == 429) then
      return failure.oauth("server_error", failure.at(place_of(probe, url),
        ("the issuer %s answered with status %d when asked for its metadata; try again later"):format(issuer, status),
        { outcome = "transient", status = status, retry_after = core.retry_after(more) }))
    end
    if status == 200 then
      local document, why, code = metadata.read(body, issuer, probe:settings().plain_http)
      if document then return document, nil, nil, body end
      if code then return failure.oauth(code, failure.at(place_of(probe, url), why, { status = status })) end
      status = "200, but no JSON object"
    end
    said[#said + 1] = tostring(status)
  end
  return failure.oauth("metadata_not_found",
    ("no metadata of issuer %s was found: where RFC 8414 has it, the answer was status %s; where OpenID "
    .. "Connect has it, %s; check the issuer, or give the endpoints to airlock.client"):format(issuer, said[1],
      table.concat(said, ", and ", 2)))
end

local function forget_oldest()
  local oldest
  for key, entry in pairs(kept) do
    if not oldest or entry.at < kept[oldest].at then oldest = key end
  end
  kept[oldest] = nil
  kept_count = kept_count - 1
end

local function keep(key, body)
  if not kept[key] then
    if kept_count == keep_most then forget_oldest() end
    kept_count = kept_count + 1
  end
  kept[key] = { body = body, at = core.moment() }
end

-- Each client gets a table of its own, made from the text that is kept.
local function document_of(issuer, config, probe)
  local key = table.concat({ issuer, config.ca_file or "", tostring(config.proxy),
    table.concat(config.plain_http or {}, ",") }, "\n")
  local entry = kept[key]
  if entry and core.moment() - entry.at < keep_for then
    return (metadata.read(entry.body, issuer, config.plain_http))
  end
  local document, message, detail, body = find(probe, issuer)
  if not document then return nil, message, detail end
  keep(key, body)
  return document
end

-- How the client proves who it is: as configured, else the best of what the server takes and the configuration allows.
-- Nothing is ever tried out at the token endpoint. A public client stays one.
local function choose_auth(config, document)
  if config.client_auth then return config.client_auth end
  -- to the server it is a private_key_jwt like any other
  if config.client_assertion ~= nil or config.client_assertion_file ~= nil then return "client_assertion" end
  local able, methods = false, document.token_endpoint_auth_methods_supported
  for _, way in ipairs(ways()) do
    if config[way.needs] ~= nil or way.needs == "private_key" and config.private_key_file ~= nil then
      if metadata.has(methods, way.name) then return way.name end
      able = able or way.needs ~= "cert_file" -- a certificate may be there for other reasons, so it binds nobody
    end
  end
  if not able then return "none" end
  return failure.oauth("unsupported_client_auth",
    ("the server takes none of the proofs that this client could give, but only: %s; "
    .. "give what one of them needs, or name one with client_auth"):format(metadata.quote(methods)))
end

--- A client of the server that an issuer names, from the metadata that it publishes.
---@param issuer string an https URL without query and fragment, exactly as the server writes it
---@param config table what airlock.client takes; an endpoint in it is used in place of the server's word
---@return userdata? client
---@return string? message
---@return table? detail
function discovery.discover(issuer, config)
  check_issuer(issuer, config)
  local probe = probe_of(issuer, config)
  local document, message, detail = document_of(issuer, config, probe)
  if not document then return nil, message, detail end
  local auth, why, more = choose_auth(config, document)
  if not auth then return nil, why, more end
  local made = copy(config)
  made.issuer, made.client_auth = document.issuer, auth
  for _, name in ipairs(taken) do
    if made[name] == nil then made[name] = document[name] end
  end
  -- a server that only may have requests pushed needn't: not every client of it is allowed to
  if made.par == nil and config.pushed_authorization_request_endpoint == nil then
    made.par = document.require_pushed_authorization_requests == true
      and made.pushed_authorization_request_endpoint ~= nil
  end
  if made.par and made.pushed_authorization_request_endpoint == nil then
    return failure.oauth("unsupported_par", "the server takes no pushed authorization requests "
      .. "(its metadata names no endpoint for them); leave out option 'par'")
  end
  local found = client.new(made, whose)
  local alg, algs = found:settings().dpop_alg, document.dpop_signing_alg_values_supported
  if alg and algs and not metadata.has(algs, alg) then
    return failure.oauth("unsupported_dpop_alg",
      ("the server takes no DPoP proofs by %s, but only by: %s; give option 'dpop' a key for one of them")
      :format(alg, metadata.quote(algs)))
  end
  found:settings().metadata = document
  return found
end

return discovery
