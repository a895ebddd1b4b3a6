/** The documentation site: its pages, their order, and its search. */
// oxlint-disable import/no-default-export -- vitepress reads the default export

import { defineConfig } from 'vitepress'

const guide = [
  { text: 'Getting started', link: '/start' },
  { text: 'Arrays', link: '/arrays' },
  { text: 'Tables', link: '/tables' },
  { text: 'Parallel', link: '/parallel' },
  { text: 'Learn', link: '/learn' },
  { text: 'Ensembles', link: '/ensembles' },
  { text: 'Automatic ensembles', link: '/auto-ensemble' },
  { text: 'Splits', link: '/splits' },
  { text: 'Cross-validation', link: '/validation' },
  { text: 'Trees', link: '/trees' },
  { text: 'Classes', link: '/classes' },
  { text: 'Metrics', link: '/metrics' },
  { text: 'Preprocessing', link: '/preprocessing' },
  { text: 'Save models', link: '/save-models' },
  { text: 'Keep results on disk', link: '/cache' },
  { text: 'Models of other libraries', link: '/other-formats' },
  { text: 'Array files and scikit-learn models', link: '/array-files' },
  { text: 'Serve models', link: '/serve' },
  { text: 'Your own estimator', link: '/estimators' },
  { text: 'Monitor', link: '/monitor' },
]

const more = [
  { text: 'Fit from the command line', link: '/fit' },
  { text: 'Predict, describe and convert', link: '/predict' },
  { text: 'Profiles and budgets', link: '/profile' },
  { text: 'How memory is measured', link: '/memory' },
  { text: 'Coming from joblib', link: '/from-joblib' },
  { text: 'Coming from scikit-learn', link: '/from-scikit-learn' },
  { text: 'Coming from ML-Ensemble', link: '/from-ml-ensemble' },
  { text: 'Bundlers and test runners', link: '/bundlers' },
  { text: 'Error codes', link: '/errors' },
]

const reference = ['arrays', 'tables', 'parallel', 'learn', 'models', 'serve', 'monitor'].map(
  (name) => ({
    text: `onecopy/${name}`,
    link: `/api/${name}`,
  }),
)

export default defineConfig({
  title: 'onecopy',
  description: 'Parallel computing for Node.js where your data exists once',
  lang: 'en',
  cleanUrls: true,
  srcExclude: ['node_modules/**'],
  head: [['meta', { name: 'theme-color', content: '#3451b2' }]],
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Guide', link: '/start' },
      { text: 'Reference', link: '/api/parallel' },
      { text: 'Errors', link: '/errors' },
    ],
    sidebar: [
      { text: 'Guide', items: guide },
      { text: 'More', items: more },
      { text: 'Reference', items: reference },
    ],
    outline: [2, 3],
  },
})
