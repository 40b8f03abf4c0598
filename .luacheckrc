-- What Lua 5.1 to 5.4 and LuaJIT have in common; a global of one of them is asked for by rawget(_G, "name").
std = "min"
max_line_length = 120
self = false
exclude_files = { "share/library" } -- made by tools/reference.lua: words for another reader

-- Idioms that reach from the one Lua to the other
read_globals = {
  "unpack", "loadstring", "setfenv", "jit",
  table = { other_fields = true, fields = { "unpack", "pack", "move" } },
  math = { other_fields = true, fields = { "type", "tointeger" } },
  package = { other_fields = true, fields = { "searchers", "searchpath" } },
}

files["spec"] = { std = "+busted" }
files["lua/airlock/loop/ngx/init.lua"] = { read_globals = { "ngx" } }
files["spec/hosts"] = { std = "+busted", read_globals = { "ngx", "vim" } }
files["plugin"] = { globals = { "vim" } }
files["examples"] = { read_globals = { "vim" } }
files["examples/nginx"] = { globals = { "ngx" } }
files["rockspec"] = { std = "rockspec" }
files[".luacheckrc"] = { std = "luacheckrc" }
