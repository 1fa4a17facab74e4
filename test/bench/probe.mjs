/**
 * Loaded into a launcher by NODE_OPTIONS, before anything of Boxwright: notes when the launcher comes to each part of its work, by what it asks of
 * Node at that moment. It changes nothing that is measured, and the second Node, whose environment is empty, does not have it.
 * Times are of CLOCK_MONOTONIC, which is the same for all processes: clock_gettime(2).
 */
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { BOXWRIGHT_BENCH_MARKS: file, BOXWRIGHT_RUN: run, BOXWRIGHT_IMAGES: images } = process.env
const { readdirSync, readFileSync, existsSync, mkdirSync, renameSync, writeFileSync } = fs
const { spawn } = childProcess

/** In the order in which they come; a mark that has been made stays. */
const marks = {}
const mark = (name) => (marks[name] ??= String(process.hrtime.bigint()))

fs.readdirSync = (...args) => {
  mark('started')
  return readdirSync(...args)
}
fs.existsSync = (path) => {
  if (path === run) mark('loaded')
  return existsSync(path)
}
fs.mkdirSync = (path, ...rest) => {
  if (path === images) mark('swept')
  return mkdirSync(path, ...rest)
}
fs.readFileSync = (path, ...rest) => {
  if (path === '/proc/self/mountinfo' && marks.swept) mark('checked')
  return readFileSync(path, ...rest)
}
fs.renameSync = (from, to) => {
  renameSync(from, to)
  if (String(to).startsWith(`${run}/`)) mark('written')
}
childProcess.spawn = (...args) => {
  if (!String(args[1]).includes('inside')) return spawn(...args) // the compiler, where the sources have just been changed
  mark('asked')
  const child = spawn(...args)
  mark('born')
  child.stdio[3].on('data', () => mark('replied'))
  child.stdio[3].on('end', () => mark('executed'))
  child.on('exit', () => mark('ended'))
  return child
}
syncBuiltinESMExports()
process.on('exit', () => {
  mark('settled')
  if (file) writeFileSync(file, JSON.stringify(marks))
})
