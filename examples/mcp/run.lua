-- lua examples/mcp/run.lua URL [TOOL [NAME=VALUE …]]: lists the tools of a server, or calls one.
package.path = (arg[0]:match "^(.*)run%.lua$" or "") .. "?.lua;" .. package.path
local client = require "client"

local url, tool = arg[1], arg[2]
if not url then
  io.stderr:write "run.lua URL [TOOL [NAME=VALUE ...]]\n"
  os.exit(2)
end
local server = assert(client.connect(url, { store = true }))
if tool then
  local arguments = {}
  for i = 3, #arg do
    local name, value = arg[i]:match "^([^=]+)=(.*)$"
    arguments[name] = tonumber(value) or value
  end
  print(assert(server:tool(tool, arguments)))
else
  for _, each in ipairs(assert(server:tools())) do print(each.name, each.description) end
end
server:close()
