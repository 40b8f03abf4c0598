--- What the user chose: where, as whom, in which way, and what is to go wrong. Only known names and sound values get
--- in.

local json = require "airlock.emulator.http.json"
local breakages = require "airlock.playground.faults"
local profiles = require "airlock.playground.profiles"
local ways = require "airlock.playground.grants"

local choice = {}

local most = 64 * 1024 -- bytes of one value

local function text(value)
  return type(value) == "string" and #value <= most
end

local function flag(value)
  return type(value) == "boolean"
end

local function key_of(known)
  return function(value) return type(value) == "string" and type(known[value]) == "table" end
end

local servers = { emulator = {}, space = {}, issuer = {}, provider = {} }

-- name → { default, what it must be }
local fields = {
  server = { "emulator", key_of(servers) }, url = { "", text }, base_url = { "", text }, client_id = { "", text },
    client_secret = { "", text },
  provider = { "github", profiles.known }, realm = { "", text }, tenant = { "", text },
    authorization_server = { "", text }, audience = { "", text },
  application = { 1, function(value) return type(value) == "number" and value >= 1 and value % 1 == 0 end },
  way = { "client_credentials", key_of(ways) }, breakage = { "none", key_of(breakages) },
  scope = { "**", text }, pkce = { true, flag }, offline = { false, flag }, narrow = { false, flag },
  person = { "", text }, path = { "organization", text },
  token = { "", text }, username = { "", text }, password = { "", text },
}

local secret = { client_secret = true, token = true, password = true }

--- What is chosen before anybody chose.
---@return table
function choice.new()
  local out = {}
  for name, field in pairs(fields) do out[name] = field[1] end
  return out
end

--- Takes over what the page sent.
---@param chosen table is changed
---@param given table
---@return true? ok nil, and why: nothing was changed
---@return string? why
function choice.update(chosen, given)
  for name, value in pairs(given) do
    local field = fields[name]
    if not field then return nil, ("there is no choice '%s'"):format(tostring(name):sub(1, 40)) end
    if value ~= json.null and not field[2](value) then return nil, ("'%s' can't be chosen so"):format(name) end
  end
  for name, value in pairs(given) do
    if value ~= json.null then chosen[name] = value end
  end
  return true
end

--- As the page gets it: of secrets only whether they are there.
---@param chosen table
---@return table
function choice.view(chosen)
  local out = {}
  for name in pairs(fields) do
    if secret[name] then out["has_" .. name] = chosen[name] ~= "" else out[name] = chosen[name] end
  end
  return out
end

return choice
