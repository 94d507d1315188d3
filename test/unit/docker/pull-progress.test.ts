import { describe, expect, it } from 'vitest';
import { createPullProgress } from '../../../src/clients/docker-engine/pull-progress.js';

describe('pull progress', () => {
  it('counts download and extraction half each and the whole only when complete', () => {
    const progress = createPullProgress();
    expect(progress.take({ status: 'Pulling from library/ubuntu', id: '24.04' })).toBeUndefined();
    progress.take({ status: 'Pulling fs layer', id: 'a', progressDetail: {} });
    progress.take({ status: 'Already exists', id: 'b', progressDetail: {} });
    expect(
      progress.take({ status: 'Downloading', id: 'a', progressDetail: { current: 50, total: 100 } }),
    ).toMatchObject({ doneBytes: 25, totalBytes: 100 });
    expect(progress.take({ status: 'Download complete', id: 'a', progressDetail: {} })).toMatchObject({
      doneBytes: 50,
    });
    expect(progress.take({ status: 'Extracting', id: 'a', progressDetail: { current: 40, total: 100 } })).toMatchObject(
      { doneBytes: 70 },
    );
    expect(progress.take({ status: 'Pull complete', id: 'a', progressDetail: {} })).toMatchObject({
      doneBytes: 100,
      layersDone: 2,
      layersTotal: 2,
    });
  });

  it('takes layers whose turn has not come for as large as the others', () => {
    const progress = createPullProgress();
    for (const id of ['a', 'b', 'c', 'd']) progress.take({ status: 'Pulling fs layer', id });
    progress.take({ status: 'Already exists', id: 'd' });
    const sized = { current: 100, total: 100 };
    expect(progress.take({ status: 'Downloading', id: 'a', progressDetail: sized })).toMatchObject({ totalBytes: 300 });
    expect(progress.take({ status: 'Pull complete', id: 'a' })).toMatchObject({ doneBytes: 100, totalBytes: 300 });
    const large = { current: 0, total: 400 };
    expect(progress.take({ status: 'Downloading', id: 'b', progressDetail: large })).toMatchObject({ totalBytes: 750 });
  });

  it('says nothing about lines that are no layer', () => {
    expect(createPullProgress().take({ status: 'Status: Image is up to date for ubuntu:24.04' })).toBeUndefined();
  });
});
