import { describe, expect, it } from 'vitest'
import { SpillCourse } from './course.ts'

/** A course that has come to the stage. */
const courses = {
  direct: () => new SpillCourse(false),
  spilling: () => new SpillCourse(true),
  draining: () => {
    const course = new SpillCourse(true)
    course.drained()
    return course
  },
  closing: () => {
    const course = courses.draining()
    course.close()
    return course
  },
}
type Stage = keyof typeof courses
type Step = 'turnAway' | 'drained' | 'close'

describe('SpillCourse', () => {
  it.each<[Stage, string]>([
    ['direct', 'log'],
    ['spilling', 'spill'],
    ['draining', 'spill'],
    ['closing', 'wait'],
  ])('sends new events, while %s, to: %s', (stage, way) => {
    expect([courses[stage]().stage, courses[stage]().way]).toEqual([stage, way])
  })

  it.each<[Stage, Step, Stage]>([
    ['direct', 'turnAway', 'spilling'],
    ['spilling', 'turnAway', 'spilling'],
    ['draining', 'turnAway', 'spilling'],
    ['closing', 'turnAway', 'spilling'],
    ['spilling', 'drained', 'draining'],
    ['draining', 'drained', 'draining'],
    ['closing', 'drained', 'closing'],
    ['spilling', 'close', 'spilling'],
    ['draining', 'close', 'closing'],
  ])('goes from %s, by %s, to %s', (from, step, to) => {
    const course = courses[from]()
    course[step]()
    expect(course.stage).toBe(to)
  })

  it.each<Stage>(['spilling', 'draining', 'closing'])(
    'goes from %s to direct when nothing is left',
    (stage) => {
      expect(courses[stage]().reopen(false)).toBe(true)
    },
  )

  it.each<Stage>(['spilling', 'draining', 'closing'])('stays %s while something is left', (stage) => {
    const course = courses[stage]()
    expect([course.reopen(true), course.stage]).toEqual([false, stage])
  })

  it('does not go back to direct while the log or the disk has not answered', () => {
    const course = courses.draining()
    course.diskBegan()
    expect(course.reopen(false)).toBe(false)
    course.diskEnded()
    course.logBegan('drain')
    expect(course.reopen(false)).toBe(false)
    course.logEnded()
    expect(course.reopen(false)).toBe(true)
  })

  it('keeps the drain from the log while an append that was given up has not settled', () => {
    const course = courses.direct()
    course.logBegan('caller')
    course.turnAway()
    expect(() => course.logBegan('drain')).toThrow('one append at a time')
    course.logEnded()
    course.logBegan('drain')
  })

  it.each<[Stage, 'caller' | 'drain']>([
    ['direct', 'drain'],
    ['spilling', 'caller'],
    ['draining', 'caller'],
    ['closing', 'caller'],
  ])('takes no append while %s from the %s', (stage, from) => {
    expect(() => courses[stage]().logBegan(from)).toThrow()
  })

  it.each<Stage>(['direct', 'closing'])('writes nothing to the disk while %s', (stage) => {
    expect(() => courses[stage]().diskBegan()).toThrow()
  })
})
