--- What a guard is told: its own options, and those of the client by which it asks a server.

-- spec: spec/tokens/guard_spec.lua

local client = require "airlock.client"
local core = require "airlock.core"
local providers = require("airlock.lazy") "airlock.providers"

local config = {}

local whose = "airlock.guard"

-- Options of the guard's own; all others are a client's.
local own = { audience = "string or table", scope = "string", resource = "string", realm = "string",
  token_types = "table", token_in = "table", dpop = "boolean or table", certificate_bound = "boolean",
  client = "userdata", provider = "string or table", introspect = "boolean", metadata = "table", cached = "number" }
local of_dpop = { nonce = "boolean or string", seen = "function", window = "number", algs = "table",
  required = "boolean" }
local places = { header = true, form = true, query = true }

local function bad(name, why)
  core.mistake(("%s: option '%s' %s"):format(whose, name, why))
end

local function check_type(name, value, wanted)
  for kind in wanted:gmatch "%a+" do
    if type(value) == kind then return end
  end
  bad(name, ("must be a %s, not a %s"):format(wanted, type(value)))
end

local function check_list(name, list, fits, what)
  if #list == 0 then bad(name, "is an empty list") end
  for _, each in ipairs(list) do
    if not fits(each) then bad(name, what) end
  end
  return list
end

local function is_text(value) return type(value) == "string" and value ~= "" end

local function part(given)
  if type(given) ~= "table" then
    core.mistake(("%s: a table of options was expected, not a %s"):format(whose, type(given)))
  end
  local ours, made = {}, {}
  for name, value in pairs(given) do
    if own[name] then
      check_type(name, value, own[name])
      ours[name] = value
    else
      made[name] = value
    end
  end
  return ours, made
end

local function check_dpop(given)
  if type(given) ~= "table" then return { required = given == true, off = given == false } end
  local made = { required = given.required ~= false }
  for name, value in pairs(given) do
    if not of_dpop[name] then
      bad("dpop." .. tostring(name), "is unknown (it takes: algs, nonce, required, seen, window)")
    end
    check_type("dpop." .. name, value, of_dpop[name])
    if name ~= "required" then made[name] = value end
  end
  if made.window and not (made.window >= 1 and made.window <= 3600) then
    bad("dpop.window", "must be 1 to 3600 seconds")
  end
  if is_text(made.nonce) and #made.nonce < 16 then bad("dpop.nonce", "is too short for a secret: 16 bytes or more") end
  if made.algs then check_list("dpop.algs", made.algs, is_text, "must be a list of names of algorithms") end
  return made
end

local function check(ours)
  local audience = ours.audience
  if audience == nil then bad("audience", "is missing: it is what tokens for this API have in aud") end
  ours.audience = check_list("audience", type(audience) == "table" and audience or { audience }, is_text,
    "must be a text, or a list of texts")
  for _, each in ipairs(ours.token_types or {}) do
    if each ~= false and not is_text(each) then bad("token_types", "must be a list of texts and false") end
  end
  if ours.token_types and #ours.token_types == 0 then bad("token_types", "is an empty list") end
  ours.token_in = check_list("token_in", ours.token_in or { "header" }, function(each) return places[each] end,
    "must be a list of \"header\", \"form\" and \"query\"")
  ours.dpop = check_dpop(ours.dpop)
  ours.metadata, ours.metadata_members = nil, ours.metadata -- the first is a method of the guard
  if ours.cached and not (ours.cached >= 0 and ours.cached <= 1e6) then bad("cached", "must be 0 to 1000000 tokens") end
  return ours
end

local function check_resource(ours, plain)
  local why = ours.resource and core.url_fault(ours.resource, nil, plain)
  if why then bad("resource", why) end
end

-- What a client is told by default: somebody waits for the guard, and comes again sooner than a server that is down.
local impatient = { timeout = 10, retries = 0 }

-- A client that is the guard's own, and what it is made of where its server's metadata is still to be found.
local function make_client(ours, made)
  for name, value in pairs(impatient) do
    if made[name] == nil then made[name] = value end
  end
  if ours.provider then
    local profile
    made, profile = providers.configure(ours.provider, made, whose)
    return client.new(made, whose, profile)
  end
  local known = made.jwks_uri or made.introspection_endpoint
  if not known and not made.issuer then
    core.mistake(whose .. ": option 'issuer' is missing (or 'jwks_uri', or a 'client' that can introspect)")
  end
  local why = made.issuer and core.url_fault(made.issuer, nil, made.plain_http)
    or made.issuer and made.issuer:find("?", 1, true) and "has a query, which an issuer can't have"
  if why then bad("issuer", why) end
  local found = client.new(made, whose)
  if known then return found end
  made.issuer = nil -- discovery has it beside
  return found, made
end

--- Reads a guard's configuration; mistakes raise.
---@param given table
---@return table ours
---@return userdata client
---@return table? to_find the client's configuration, where its issuer's metadata is still to be found
function config.read(given)
  local ours, made = part(given)
  check(ours)
  check_resource(ours, made.plain_http)
  if not ours.client then
    if made.issuer ~= nil then check_type("issuer", made.issuer, "string") end
    return ours, make_client(ours, made)
  end
  ours.clock_skew, made.clock_skew = made.clock_skew, nil
  local extra = next(made)
  if extra then bad(tostring(extra), "is the client's: give it to that") end
  if not (ours.client.has and (ours.client:has "jwks_uri" or ours.client:has "introspection_endpoint")) then
    bad("client", "has neither 'jwks_uri' nor 'introspection_endpoint'")
  end
  return ours, ours.client
end

return config
