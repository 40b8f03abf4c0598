--- A JWT that somebody else signed proves the client (RFC 7521 section 4.2): from a function, a file, or a source of
--- tokens. It is looked at anew for each request.

-- spec: spec/client/assertion_spec.lua

local kit = require "airlock.source.kit"
local options = require "airlock.options"

local assertion = {}

local function from_file(path)
  return function()
    local text, message = kit.file(path, "file of option client_assertion_file")
    if not text then return nil, message end
    text = kit.trim(text)
    if text == "" then return nil, "the file of option client_assertion_file is empty: " .. path end
    return text
  end
end

-- What airlock.source gives; its token is the assertion.
local function from_source(source, settings)
  return function()
    local given, message = source:get(settings)
    if type(given) == "table" then return given.access_token, message end
    return given, message
  end
end

--- The configuration with a function in place of a file or source.
---@param config table with one of the two options
---@param whose string begins the messages of mistakes
---@return table config
function assertion.prepare(config, whose)
  local path, given = config.client_assertion_file, config.client_assertion
  local made = {}
  for name, value in pairs(config) do made[name] = value end
  if path == nil then
    if type(given.get) ~= "function" then
      options.mistake(whose, "client_assertion", "must be a string, a function or one of airlock.source, not a table")
    end
    made.client_assertion = from_source(given, { loop = config.loop })
    return made
  end
  if given ~= nil then options.mistake(whose, "client_assertion_file", "can't stand beside 'client_assertion'") end
  if type(path) ~= "string" or path == "" or path:find("\0", 1, true) then
    options.mistake(whose, "client_assertion_file", "must be a path")
  end
  made.client_assertion, made.client_assertion_file = from_file(path), nil
  return made
end

return assertion
