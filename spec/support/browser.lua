--- A real Chromium beside the spec, driven by the programs in spec/browser.

local stage = require "spec.support.stage"

local browser = {}

local function has(command)
  return stage.shell("command -v " .. command .. " || true") ~= ""
end

--- Why it can't be driven here, or nil. `everywhere`: not under Lua 5.4 alone.
function browser.obstacle(everywhere)
  local wish = os.getenv "AIRLOCK_BROWSER"
  if wish == "no" then return "AIRLOCK_BROWSER=no" end
  if wish ~= "yes" and not everywhere and (_VERSION ~= "Lua 5.4" or rawget(_G, "jit")) then
    return "the browser is driven under Lua 5.4 alone, as it is slow (AIRLOCK_BROWSER=yes: here too)"
  end
  local missing = not has "chromium" and "chromium" or not has "node" and "node"
    or not stage.read "build/browser/node_modules/playwright-core/package.json" and "playwright-core"
  return missing and missing .. " is missing (spec/browser/install gets it)"
end

return browser
