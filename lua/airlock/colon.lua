--- Methods that were called with a dot where a colon belongs: a mistake at the program's line, not in the library.

-- spec: spec/client/colon_spec.lua

local core = require "airlock.core"

local colon = {}

-- C judges these at once, and they are called too often for a look more.
local quick = {
  session = { request = true, get = true, delete = true, post = true, put = true, patch = true, token = true,
    settings = true, info = true },
  client = { settings = true, has = true },
  authorization = {},
}

local function checked(f, class, name)
  return function(self, ...)
    if type(self) ~= "userdata" then
      core.mistake(("%s.%s was called without its %s: write %s:%s(…), with a colon"):format(class, name, class, class,
        name))
    end
    return f(self, ...)
  end
end

--- Has the public methods of all classes look at what they are called on.
function colon.install()
  for class, left in pairs(quick) do
    local methods = core.classes[class]
    for name, f in pairs(methods) do
      if type(f) == "function" and name:sub(1, 1) ~= "_" and not left[name] then
        methods[name] = checked(f, class, name)
      end
    end
  end
end

return colon
