// Asks the package @cloud-copilot/iam-simulate the questions that standard input lists as JSON; writes its answers.
// An answer is the engine's verdict, or an object with the errors for which it refuses the question.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const { runSimulation, runUnsafeSimulation } = createRequire(`${process.cwd()}/`)('@cloud-copilot/iam-simulate')

const ACCOUNT = '123456789012'
const named = (documents) => documents.map((policy, index) => ({ name: `policy${index}`, policy }))

async function answer(question) {
  const simulation = {
    request: {
      principal: `arn:aws:iam::${ACCOUNT}:role/r`,
      action: question.action,
      resource: { resource: question.resource, accountId: ACCOUNT },
      contextVariables: Object.fromEntries(
        Object.entries(question.context).map(([key, values]) => [key, values.length === 1 && key !== 'aws:TagKeys' ? values[0] : values])
      )
    },
    identityPolicies: named(question.identity),
    permissionBoundaryPolicies: question.boundary ? named([question.boundary]) : undefined,
    sessionPolicy: question.session ?? undefined,
    serviceControlPolicies: [],
    resourceControlPolicies: []
  }
  // Only the validating entrance looks at session policies.
  if (!question.session) return runUnsafeSimulation(simulation, { simulationMode: 'Strict' })
  const result = await runSimulation(simulation, { simulationMode: 'Strict' })
  return result.resultType === 'error' ? result : result.overallResult
}

const answers = []
for (const question of JSON.parse(readFileSync(0, 'utf8'))) answers.push(await answer(question))
process.stdout.write(JSON.stringify(answers))
