--- What a program may want of a login beside its scope: how fresh it is, how the user is authenticated, what the server
--- shows and tells (OpenID Connect Core section 3.1.2.1, RFC 9396, RFC 9470).

-- spec: spec/grant/wishes_spec.lua

local core = require "airlock.core"
local options_of = require "airlock.options"

local wishes = {}
local mistake = options_of.mistake

wishes.types = {
  max_age = "number", prompt = "string", acr_values = "string or table", claims = "string or table",
  login_hint = "string", ui_locales = "string or table", authorization_details = "string or table",
}

--- A login that was made before says nothing of these.
local anew = { "max_age", "prompt", "acr_values", "claims", "authorization_details" }

local function listed(whose, name, value)
  for _, word in ipairs(type(value) == "table" and value or {}) do
    if type(word) ~= "string" or word == "" or word:find "%s" then
      mistake(whose, name, "must be a text, or a list of words")
    end
  end
  local text = type(value) == "table" and table.concat(value, " ") or value
  if not text:find "%S" then mistake(whose, name, "is empty") end
  return text
end

-- JSON as a text, and its value.
local function document(whose, name, given)
  local text = type(given) == "table" and core.json.encode(given, false, ("%s: option '%s'"):format(whose, name))
    or given
  local value, why = core.json.decode(text)
  if type(value) ~= "table" then mistake(whose, name, "must be a table, or JSON: " .. (why or "it is neither")) end
  return text, value
end

local write = {}

function write.max_age(whose, name, value)
  if not (value >= 0 and value < 2 ^ 31 and value % 1 == 0) then
    mistake(whose, name, "must be a whole number of seconds, 0 or more")
  end
  return ("%d"):format(value)
end

function write.claims(whose, name, value)
  local text, claims = document(whose, name, value)
  if claims[1] ~= nil then mistake(whose, name, "must be an object with userinfo or id_token, not a list") end
  return text
end

-- RFC 9396 section 2: a list of objects that each have a type.
function write.authorization_details(whose, name, value)
  local text, details = document(whose, name, value)
  for _, each in ipairs(details) do
    if type(each) ~= "table" or type(each.type) ~= "string" then
      mistake(whose, name, "must be a list of objects, each with a 'type'")
    end
  end
  if #details == 0 then mistake(whose, name, "must be a list of objects, each with a 'type'") end
  return text
end

write.prompt, write.acr_values, write.ui_locales = listed, listed, listed
function write.login_hint(_, _, value) return value end

--- Adds them to the fields of an authorization request; raises for what can't stand.
---@param whose string
---@param options table
---@param fields table<string, any>
function wishes.add(whose, options, fields)
  for name in pairs(wishes.types) do
    if options[name] ~= nil then
      if (options.params or {})[name] ~= nil then
        mistake(whose, "params", ("can't have '%s', which is an option already"):format(name))
      end
      fields[name] = write[name](whose, name, options[name])
    end
  end
end

local function add_acr(list, claim)
  if type(claim) ~= "table" or claim.essential ~= true then return end
  for _, value in ipairs(type(claim.values) == "table" and claim.values or { claim.value }) do
    list[#list + 1] = value
  end
end

--- What an ID token is to be checked for, as JSON; nil: nothing.
---@param options table judged already
---@return string?
function wishes.checks(options)
  local acr, claims = {}, options.claims
  for word in (options.acr_values and listed("", "", options.acr_values) or ""):gmatch "%S+" do acr[#acr + 1] = word end
  if type(claims) == "string" then claims = core.json.decode(claims) end
  local of_token = claims and type(claims.id_token) == "table" and claims.id_token or {}
  add_acr(acr, of_token.acr)
  if not options.max_age and not acr[1] then return nil end
  return core.json.encode { max_age = options.max_age, acr = acr[1] and acr, at = core.wall() }
end

--- Whether the user is to be asked, however good a login of before is.
---@param options table
---@return boolean
function wishes.anew(options)
  for _, name in ipairs(anew) do
    if options[name] ~= nil then return true end
  end
  return false
end

return wishes
