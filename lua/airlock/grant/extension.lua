--- A grant of the program's own (RFC 6749 section 4.5): fields for the token endpoint.

-- spec: spec/grant/extension_spec.lua

local core = require "airlock.core"
local form = require "airlock.form"
local options = require "airlock.options"

local extension = {}

-- What proves the client, which the client's own options say.
local proofs = { client_id = true, client_secret = true, client_assertion = true, client_assertion_type = true }

--- See client:grant.
function extension.begin(client, fields, whose)
  if type(fields) ~= "table" then
    core.mistake(("%s: a table of fields was expected, not a %s"):format(whose, type(fields)))
  end
  for name in pairs(fields) do
    if proofs[name] then
      options.mistake(whose, name, "can't be given: the client's own options prove who it is")
    end
  end
  if type(fields.grant_type) ~= "string" or fields.grant_type == "" then
    options.mistake(whose, "grant_type", "is missing: the grant's name, such as a URN")
  end
  if fields.scope ~= nil and type(fields.scope) ~= "string" then
    options.mistake(whose, "scope", "must be a string, not a " .. type(fields.scope))
  end
  local text = form.encode(fields, whose, "fields")
  local session = core.session(client, "extension", fields.scope or "", core.digest(text), nil, whose)
  session:open_standing(text)
  return session
end

return extension
