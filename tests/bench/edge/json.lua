-- A reader of JSON, as people write it for Envoy's Lua filter, and a rule on the name of a tool.

local ESCAPES = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

local read

local function space(text, at)
  return text:find("%S", at) or #text + 1
end

local function string_at(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = text:find('["\\]', from)
    if not stop then error("a string does not end") end
    parts[#parts + 1] = text:sub(from, stop - 1)
    if text:sub(stop, stop) == '"' then return table.concat(parts), stop + 1 end
    local escape = text:sub(stop + 1, stop + 1)
    if escape == "u" then
      parts[#parts + 1] = text:sub(stop, stop + 5)
      from = stop + 6
    else
      parts[#parts + 1] = ESCAPES[escape] or escape
      from = stop + 2
    end
  end
end

local function list_at(text, at)
  local list = {}
  at = space(text, at + 1)
  if text:sub(at, at) == "]" then return list, at + 1 end
  while true do
    list[#list + 1], at = read(text, at)
    at = space(text, at)
    local next = text:sub(at, at)
    if next == "]" then return list, at + 1 end
    if next ~= "," then error("a list does not end") end
    at = space(text, at + 1)
  end
end

local function object_at(text, at)
  local object = {}
  at = space(text, at + 1)
  if text:sub(at, at) == "}" then return object, at + 1 end
  while true do
    local key
    key, at = string_at(text, at)
    at = space(text, at)
    if text:sub(at, at) ~= ":" then error("a key has no value") end
    object[key], at = read(text, space(text, at + 1))
    at = space(text, at)
    local next = text:sub(at, at)
    if next == "}" then return object, at + 1 end
    if next ~= "," then error("an object does not end") end
    at = space(text, at + 1)
  end
end

function read(text, at)
  local first = text:sub(at, at)
  if first == "{" then return object_at(text, at) end
  if first == "[" then return list_at(text, at) end
  if first == '"' then return string_at(text, at) end
  local word, behind = text:match("^(%a+)()", at)
  if word == "true" or word == "false" then return word == "true", behind end
  if word == "null" then return nil, behind end
  local number, after = text:match("^(-?%d+%.?%d*[eE]?[+-]?%d*)()", at)
  if not number then error("no value") end
  return tonumber(number), after
end

function envoy_on_request(handle)
  local body = handle:body()
  local good, message = pcall(function()
    return (read(body:getBytes(0, body:length()), 1))
  end)
  if not good or message.method ~= "tools/call" or message.params.name ~= "pay" then
    handle:respond({ [":status"] = "403" }, "no")
  end
end
