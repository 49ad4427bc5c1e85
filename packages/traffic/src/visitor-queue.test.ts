import { describe, expect, it } from 'vitest'
import type { TrafficRequest } from './traffic-request.ts'
import { VisitorQueue, type DueRequest } from './visitor-queue.ts'

function aDue(visitor: number, dueAt: number): DueRequest {
  const request: TrafficRequest = {
    protocol: 'plausible',
    method: 'POST',
    path: '/api/event',
    headers: {},
    body: '',
    events: 1,
    visitor,
  }
  return { request, dueAt, next: undefined }
}

describe('the queue of visitors', () => {
  it('gives what is due in that order', () => {
    const queue = new VisitorQueue()
    const due = Array.from({ length: 5_000 }, (_, index) => aDue(index, index))
    for (const one of due) queue.add(one)
    expect(due.map(() => queue.take())).toEqual(due)
    expect(queue.take()).toBeUndefined()
  })

  it('holds a visitor back until the request before is done, and lets others pass', () => {
    const queue = new VisitorQueue()
    const [first, second, third, other] = [aDue(1, 1), aDue(1, 2), aDue(1, 3), aDue(2, 4)]
    for (const due of [first, second, third, other]) queue.add(due)
    expect(queue.take()).toBe(first)
    expect(queue.take()).toBe(other)
    expect(queue.take()).toBeUndefined()
    expect(queue.waiting).toBe(2)
    queue.done(first)
    expect(queue.take()).toBe(second)
    expect(queue.take()).toBeUndefined()
    queue.done(second)
    expect(queue.take()).toBe(third)
    queue.done(third)
    queue.add(aDue(1, 5))
    expect(queue.take()).toMatchObject({ dueAt: 5 })
  })

  it('gives each exactly once, one of a visitor at a time, whatever ends when', () => {
    const queue = new VisitorQueue()
    const underWay: DueRequest[] = []
    const taken: DueRequest[] = []
    const takeAll = (): void => {
      for (let due = queue.take(); due !== undefined; due = queue.take()) {
        expect(underWay.some(({ request }) => request.visitor === due.request.visitor)).toBe(false)
        underWay.push(due)
        taken.push(due)
      }
    }
    for (let index = 0; index < 10_000; index++) {
      queue.add(aDue((index * 7_919) % 97, index))
      if (index % 3 === 0) takeAll()
      const ended = index % 2 === 0 ? underWay.splice((index * 31) % Math.max(1, underWay.length), 1) : []
      for (const due of ended) queue.done(due)
    }
    for (let ended = underWay.shift(); ended !== undefined; ended = underWay.shift()) {
      queue.done(ended)
      takeAll()
    }
    expect(taken.length).toBe(10_000)
    expect(queue.waiting).toBe(0)
    const lastOf = new Map<number, number>()
    for (const { request, dueAt } of taken) {
      expect(dueAt).toBeGreaterThan(lastOf.get(request.visitor) ?? -1)
      lastOf.set(request.visitor, dueAt)
    }
  })
})
