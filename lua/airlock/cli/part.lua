--- What is a part of its own, which an installation may lack.

local outcome = require "airlock.cli.outcome"

--- Loads it, or ends the command with what is missing.
---@param name string as for require
---@return table module
return function(name)
  local ok, found = pcall(require, name)
  if ok then return found end
  local missing = type(found) == "string" and found:match "module '([^']+)' not found:"
  if missing == name then
    outcome.stop(outcome.usage, ("%s isn't installed: make install WITH=all, or the rock airlock-emulator, has it")
      :format(name))
  elseif missing == "airlock.server" then
    outcome.stop(outcome.usage, ("%s needs airlock.server, which this build has not: build it with libmicrohttpd")
      :format(name))
  end
  error(found, 0)
end
