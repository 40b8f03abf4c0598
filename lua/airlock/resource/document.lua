--- What a protected resource says about itself (RFC 9728): where its document is, and whether it can be believed.
-- Nothing of a document is used before all of it has been checked.

-- spec: spec/resource/resource_spec.lua

local core = require "airlock.core"
local discovery = require "airlock.discovery"
local failure = require "airlock.failure"
local metadata = require "airlock.discovery.metadata"

local document = {}

local quote = metadata.quote
local well_known = "/.well-known/oauth-protected-resource"

--- Where the document of a resource may be, besides where its challenge says (RFC 9728 section 3.1): the well-known
--- path goes between host and path; without a path of its own, it is the host's.
---@param url string
---@return string[] urls
---@return string[] resources what each of them must be the document of
function document.places(url)
  local origin, rest = url:match "^(%a+://[^/?]*)(.*)$"
  local path = rest:gsub("^/$", "")
  if path == "" then return { origin .. well_known }, { url } end
  return { origin .. well_known .. path, origin .. well_known }, { url, origin }
end

-- An empty path and "/" are the same URL (RFC 3986 section 6.2.3), and servers write the one for the other.
local function plain(url)
  local origin, rest = url:match "^(%a+://[^/?#]*)(.*)$"
  if not origin then return url end
  return origin:lower() .. (rest == "" and "/" or rest)
end

local function strings(value)
  if type(value) ~= "table" or #value == 0 then return false end
  for _, each in ipairs(value) do
    if type(each) ~= "string" then return false end
  end
  return true
end

local function malformed(why)
  return failure.oauth("malformed_metadata", "the protected resource's metadata can't be used: " .. why)
end

-- The authorization servers that this resource may name.
local function servers_of(value, url)
  if value == nil then
    return failure.oauth("no_authorization_server",
      ("the metadata of the protected resource %s names no authorization server"):format(url))
  end
  if not strings(value) then return malformed "its authorization_servers aren't a list of strings" end
  local fit, last = {}, nil
  for _, issuer in ipairs(value) do
    local why = core.url_fault(issuer, url) or issuer:find("?", 1, true) and "has a query, which an issuer can't have"
    if why then last = ("%s, which %s"):format(quote(issuer), why) else fit[#fit + 1] = issuer end
  end
  if #fit == 0 then return malformed("it names the authorization server " .. last) end
  return fit
end

-- Whether the document is that of what was asked for (RFC 9728 section 3.3): else a stranger could have it get tokens
-- for somebody else.
local function judge(body, url, wanted)
  local value = core.json.decode(body)
  if type(value) ~= "table" or value[1] ~= nil then return malformed "what is there isn't a JSON object" end
  for name, each in pairs(value) do
    if each == core.json.null then value[name] = nil end
  end
  if type(value.resource) ~= "string" then return malformed "it names no resource" end
  if plain(value.resource) ~= plain(wanted) then
    return failure.oauth("resource_mismatch",
      ("the metadata found for the protected resource %s is that of %s, and isn't used; if the second is right, give "
      .. "it to airlock.resource"):format(wanted, quote(value.resource)))
  end
  for _, name in ipairs { "scopes_supported", "bearer_methods_supported", "dpop_signing_alg_values_supported" } do
    if value[name] ~= nil and not (type(value[name]) == "table" and (#value[name] == 0 or strings(value[name]))) then
      return malformed(("its %s isn't a list of strings"):format(name))
    end
  end
  local ways = value.bearer_methods_supported
  if ways and #ways > 0 and not metadata.has(ways, "header") then
    return malformed("it takes no token in a header, but only: " .. quote(ways))
  end
  local servers, message, detail = servers_of(value.authorization_servers, url)
  if not servers then return nil, message, detail end
  return { resource = value.resource, servers = servers, scopes = value.scopes_supported,
    dpop = value.dpop_bound_access_tokens_required == true, told = value }
end

local function busy(url, status, head)
  return failure.oauth("server_error",
    ("the protected resource's metadata at %s can't be had: status %d; try again later"):format(url, status),
    { outcome = "transient", status = status, retry_after = core.retry_after(head) })
end

-- The document at a place; false and what was there instead, where another place may have it.
local function look(probe, place, url, wanted)
  local status, body, more = discovery.fetch_near(probe, place)
  if not status then return nil, body, more end
  if type(status) == "number" and (status >= 500 or status == 429) then return busy(place, status, more) end
  if status ~= 200 then return false, tostring(status) end
  return judge(body, url, wanted)
end

-- The place that a challenge names, if it names one that it may.
local function challenged(challenges, url)
  for _, challenge in ipairs(challenges or {}) do
    local place = challenge.resource_metadata
    if type(place) == "string" then
      local why = core.url_fault(place, url)
      if not why then return place end
      return nil, failure.oauth("malformed_metadata",
        ("the protected resource %s says that its metadata is at %s, which %s"):format(url, quote(place), why))
    end
  end
end

--- Finds the document of a protected resource, and checks it.
---@param probe userdata a client that knows how to reach servers
---@param url string the resource
---@param challenges table[]? of its 401
---@return table? found `{ resource, servers, scopes, dpop, told }`
---@return string? message
---@return table? detail
function document.find(probe, url, challenges)
  local place, _, message, detail = challenged(challenges, url)
  if message then return nil, message, detail end
  local places, resources = document.places(url)
  if place then
    table.insert(places, 1, place)
    table.insert(resources, 1, url)
  end
  local said = {}
  for i, each in ipairs(places) do
    local found, why, more = look(probe, each, url, resources[i])
    if found or found == nil then return found, why, more end
    said[#said + 1] = ("%s: %s"):format(each, why)
  end
  return failure.oauth("resource_metadata_not_found",
    ("%s wants a token and doesn't say from whom: no metadata of a protected resource was found (%s); use "
    .. "airlock.client with the endpoints of its authorization server"):format(url, table.concat(said, "; ")))
end

return document
