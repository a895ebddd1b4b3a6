/** Runs every program of docs/ and checks what it says it prints. */

import { pages, readDocument, testPrograms } from './documents.ts'

for (const page of pages) testPrograms(readDocument(page))
