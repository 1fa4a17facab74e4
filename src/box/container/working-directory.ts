/**
 * Where the command of an image is to stand need not be in the image: it is made, below the box's own root, before anybody stands in it. image-spec
 * config.md says no more of it than that it is the working directory; every runtime of images makes it.
 */
import { box, type Wall } from '../../plan/plan.ts'
import { below } from './places.ts'

// #region working-directory
export const workingDirectory: Wall = {
  name: 'working-directory',
  lesson: 11,
  steps: ({ process: { cwd } }) => {
    const names = below(cwd).split('/').filter(Boolean)
    return names.map((_, n) =>
      box(
        'mkdir',
        [`/${names.slice(0, n + 1).join('/')}`, 0o755],
        'on the way to where the command works',
        { fine: ['EEXIST', 'EROFS'] },
      ),
    )
  },
}
// #endregion working-directory
